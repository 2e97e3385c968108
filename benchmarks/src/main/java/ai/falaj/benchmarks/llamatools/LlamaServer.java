package ai.falaj.benchmarks.llamatools;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A {@code llama-server} process: starting, then READY until it is closed. It ends with this JVM,
 * whatever happens. Confined to one thread, but for {@link #address()}.
 */
public final class LlamaServer implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long STOP_LIMIT_SECONDS = 10;
  private static final int HTTP_OK = 200;

  private final Process process;
  private final URI address;
  private final Thread shutdownHook;

  private LlamaServer(Process process, URI address) {
    this.process = process;
    this.address = address;
    this.shutdownHook = new Thread(process::destroyForcibly, "llama-server-end");
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  /**
   * Starts the server on a free port of this machine and waits until the model is loaded.
   *
   * @param log file for whatever it prints
   * @throws BenchmarkException if the program is missing, or does not come up
   */
  public static LlamaServer start(
      LlamaTools tools, EngineSettings settings, ServerVariant variant, Path log)
      throws BenchmarkException, InterruptedException {
    return start(tools, settings, variant, List.of(), log);
  }

  /**
   * As {@link #start(LlamaTools, EngineSettings, ServerVariant, Path)}.
   *
   * @param more flags of the command line
   */
  public static LlamaServer start(
      LlamaTools tools, EngineSettings settings, ServerVariant variant, List<String> more, Path log)
      throws BenchmarkException, InterruptedException {
    try {
      int port = freePort();
      List<String> command = command(tools, settings, variant, port);
      command.addAll(more);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      LlamaServer server = new LlamaServer(process, URI.create("http://127.0.0.1:" + port));
      try {
        server.awaitHealth(log);
        return server;
      } catch (BenchmarkException | InterruptedException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BenchmarkException("llama-server cannot be run: " + e.getMessage(), e);
    }
  }

  static {
    // The server closes connections after a while without saying so; the JDK's client then repeats
    // a GET on a new one by itself, and a POST if it is told to. Read when the first client is
    // made.
    System.setProperty("jdk.httpclient.enableAllMethodRetry", "true");
  }

  static List<String> command(
      LlamaTools tools, EngineSettings settings, ServerVariant variant, int port)
      throws BenchmarkException {
    List<String> command =
        new ArrayList<>(
            List.of(
                tools.program("llama-server").toString(),
                "-m",
                settings.modelFile().toString(),
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "-np",
                Integer.toString(settings.sequences()),
                "-c",
                Integer.toString(settings.kvTokens()),
                "-b",
                Integer.toString(EngineSettings.BATCH_TOKENS),
                "-ub",
                Integer.toString(EngineSettings.MICRO_BATCH_TOKENS),
                "-t",
                Integer.toString(settings.threads()),
                "-tb",
                Integer.toString(settings.threads()),
                "--cont-batching",
                "--flash-attn",
                "auto",
                "--no-ui",
                "--log-disable"));
    command.addAll(variant.flags());
    return command;
  }

  /** Where it listens. Any thread. */
  public URI address() {
    return address;
  }

  /** Ends the process and waits for it. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(shutdownHook);
  }

  private void awaitHealth(Path log) throws BenchmarkException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest health = HttpRequest.newBuilder(address.resolve("/health")).build();
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() - end < 0) {
      if (!process.isAlive()) {
        throw new BenchmarkException(
            "llama-server ended with " + process.exitValue() + "; see " + log);
      }
      try {
        if (client.send(health, BodyHandlers.discarding()).statusCode() == HTTP_OK) {
          return;
        }
      } catch (IOException e) {
        // It does not listen yet.
      }
      Thread.sleep(POLL.toMillis());
    }
    throw new BenchmarkException("llama-server is not ready after " + START_LIMIT + "; see " + log);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
