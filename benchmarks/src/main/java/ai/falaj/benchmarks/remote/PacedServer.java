package ai.falaj.benchmarks.remote;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A server with vLLM's timing in a process of its own, so that its threads and its work are not the
 * client's. It ends with {@link #close()}, and by itself when the process that started it is gone.
 * Confined to one thread.
 */
public final class PacedServer implements AutoCloseable {

  /** What it calls its model. */
  public static final String MODEL = "paced";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final BufferedReader output;
  private final int port;

  private PacedServer(Process process, BufferedReader output, int port) {
    this.process = process;
    this.output = output;
    this.port = port;
  }

  /**
   * @throws BenchmarkException if the process does not come up
   */
  static PacedServer start(RemoteLoad load) throws BenchmarkException {
    Path java =
        Path.of(
            System.getProperty("java.home"),
            "bin",
            File.separatorChar == '/' ? "java" : "java.exe");
    try {
      Process process =
          new ProcessBuilder(
                  java.toString(),
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PacedServer.class.getName(),
                  Integer.toString(load.tokens()),
                  Integer.toString(load.firstTokenMs()),
                  Integer.toString(load.perTokenMs()))
              .redirectError(Redirect.INHERIT)
              .start();
      BufferedReader output = process.inputReader();
      String port = output.readLine();
      if (port == null) {
        process.destroyForcibly();
        throw new BenchmarkException("the paced server did not start; what it said is above");
      }
      return new PacedServer(process, output, Integer.parseInt(port));
    } catch (IOException e) {
      throw new BenchmarkException("the paced server cannot be run: " + e.getMessage(), e);
    }
  }

  /**
   * The program: serves until its standard input ends. Each line of it is answered with the most
   * requests at once since the last line.
   */
  public static void main(String[] args) throws IOException {
    RemoteLoad load =
        new RemoteLoad(
            1,
            1,
            Integer.parseInt(args[0]),
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            1);
    RequestMeter meter = new RequestMeter();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (ScriptedServer server = ScriptedServer.start(request -> answer(request, load, meter))) {
      System.out.println(server.port());
      while (input.readLine() != null) {
        System.out.println(meter.takeMost());
      }
    }
  }

  private static Script answer(ReceivedRequest request, RemoteLoad load, RequestMeter meter) {
    try {
      boolean streams = JSON.readTree(request.body()).path("stream").asBoolean();
      return new Script(streams ? new PacedAnswer(load, meter) : new WholeAnswer(load, meter));
    } catch (JsonProcessingException e) {
      return Script.response(400, "{\"error\":{\"message\":\"this is no JSON\"}}");
    }
  }

  /**
   * The most requests that were answered at once since the last call.
   *
   * @throws BenchmarkException if the server is gone
   */
  int takeMostRequests() throws BenchmarkException {
    try {
      process.outputWriter().write('\n');
      process.outputWriter().flush();
      String most = output.readLine();
      if (most == null) {
        throw new BenchmarkException("the paced server ended; what it said is above");
      }
      return Integer.parseInt(most);
    } catch (IOException e) {
      throw new BenchmarkException("the paced server is gone: " + e.getMessage(), e);
    }
  }

  String baseUrl() {
    return "http://127.0.0.1:" + port + "/v1";
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
