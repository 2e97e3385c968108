package ai.falaj.schemas.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A real registry (Apicurio) in a process of its own, with its schemas in memory: what it held is
 * gone after {@link #stop()}. Confined to the test thread.
 *
 * <p>It keeps its port between stop and start. Its output is in {@code registry.log} of its folder;
 * it never outlives the JVM of the test.
 */
final class RegistryServer {

  private static final String SERVER_DIR_PROPERTY = "falaj.test.registry.dir";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
  private static final int LOG_LINES_SHOWN = 20;

  private final Path workDir;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Thread killer = new Thread(this::kill, "registry-killer");
  private Process process;

  /**
   * Starts nothing yet.
   *
   * @param workDir an empty folder for its output and temporary files
   */
  RegistryServer(Path workDir) throws IOException {
    this.workDir = workDir;
    this.port = unusedPort();
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /** Below the ports of outgoing connections, one of which could take it before the server does. */
  private static int unusedPort() throws IOException {
    IOException last = null;
    for (int attempt = 0; attempt < 100; attempt++) {
      int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_768);
      try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        last = taken;
      }
    }
    throw last;
  }

  /** Base URL of the Confluent API. */
  String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  /**
   * Returns once it answers.
   *
   * @throws IllegalStateException with the end of its log where it ends or does not answer in time
   */
  void start() throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    ProcessBuilder command =
        new ProcessBuilder(
                java.toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + workDir,
                "-cp",
                "*:lib/*",
                "io.quarkus.runner.GeneratedMain")
            .directory(serverDir().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    command.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    command.environment().put("QUARKUS_HTTP_PORT", String.valueOf(port));
    process = command.start();

    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!answers()) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "The registry ended with " + process.exitValue() + ":\n" + endOfLog());
      }
      if (System.nanoTime() - deadline > 0) {
        stop();
        throw new IllegalStateException(
            "The registry did not answer within " + START_TIMEOUT + ":\n" + endOfLog());
      }
      Thread.sleep(POLL_INTERVAL.toMillis());
    }
  }

  /** Returns once the process is gone. Does nothing where it does not run. */
  void stop() throws InterruptedException {
    if (process != null) {
      process.destroy();
      if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
      process = null;
    }
  }

  /** The body of an answer of status 200, asked for with the JDK's client and none of ours. */
  String get(String path) throws IOException, InterruptedException {
    return send("GET", path, HttpRequest.BodyPublishers.noBody());
  }

  /** Like {@link #get}, with a JSON body and another method. */
  String send(String method, String path, String json) throws IOException, InterruptedException {
    return send(method, path, HttpRequest.BodyPublishers.ofString(json));
  }

  private String send(String method, String path, HttpRequest.BodyPublisher body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .timeout(REQUEST_TIMEOUT)
                .method(method, body)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  /** Stops it for good. */
  void close() throws InterruptedException {
    stop();
    Runtime.getRuntime().removeShutdownHook(killer);
  }

  private void kill() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private boolean answers() throws InterruptedException {
    try {
      get("/subjects");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Path log() {
    return workDir.resolve("registry.log");
  }

  private String endOfLog() throws IOException {
    List<String> lines = Files.readAllLines(log());
    return String.join(
        "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
  }

  private static Path serverDir() {
    String configured = System.getProperty(SERVER_DIR_PROPERTY);
    if (configured == null || !Files.isDirectory(Path.of(configured, "lib"))) {
      throw new IllegalStateException(
          SERVER_DIR_PROPERTY
              + " is "
              + configured
              + ", which holds no registry; run: mvn -pl jobs/local-stack/registry"
              + " process-resources");
    }
    return Path.of(configured);
  }
}
