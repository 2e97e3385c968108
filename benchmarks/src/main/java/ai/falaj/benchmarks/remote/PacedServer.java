package ai.falaj.benchmarks.remote;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;

/**
 * A server with vLLM's timing in a process of its own, so that its threads and its work are not the
 * client's. It ends with {@link #close()}, and by itself when the process that started it is gone.
 * Confined to one thread.
 */
public final class PacedServer implements AutoCloseable {

  private final Process process;
  private final int port;

  private PacedServer(Process process, int port) {
    this.process = process;
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
      return new PacedServer(process, Integer.parseInt(port));
    } catch (IOException e) {
      throw new BenchmarkException("the paced server cannot be run: " + e.getMessage(), e);
    }
  }

  /** The program: serves until its standard input ends. */
  public static void main(String[] args) throws IOException {
    RemoteLoad load =
        new RemoteLoad(
            1,
            1,
            Integer.parseInt(args[0]),
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            1);
    try (ScriptedServer server =
        ScriptedServer.start(request -> new Script(new PacedAnswer(load)))) {
      System.out.println(server.port());
      while (System.in.read() >= 0) {
        // Whoever started this says nothing; the end of the stream is its end.
      }
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
