package ai.falaj.jobs.stack;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A real schema registry on this machine: Apicurio in a process of its own, with Confluent's REST
 * API, schemas in memory, and BACKWARD as its rule of compatibility.
 *
 * <p>Any thread. After {@link #close()} the process and its schemas are gone.
 */
public final class LocalRegistry implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
  private final ChildProcess server;
  private final Path directory;
  private final String url;

  private LocalRegistry(ChildProcess server, Path directory, String url) {
    this.server = server;
    this.directory = directory;
    this.url = url;
  }

  /**
   * Starts a registry and waits until it answers.
   *
   * @param home root of the installation, which holds the registry's files
   * @param directory made empty; its working directory
   * @param log where its output goes
   * @param port port to listen on, known to be free
   * @throws StackException when its files are missing or it does not come up
   */
  public static LocalRegistry start(Path home, Path directory, Path log, int port) {
    Path files = home.resolve("jobs/local-stack/registry/target/registry");
    if (!Files.isDirectory(files)) {
      throw StackException.prerequisite(
          "the registry's files are not in " + files, "build them with mvn -DskipTests package");
    }
    Directories.empty(directory);
    ChildProcess server =
        ChildProcess.start(
            new ChildProcess.Command(
                "The schema registry",
                directory,
                log,
                Map.of(
                    "QUARKUS_HTTP_HOST", Ports.HOST, "QUARKUS_HTTP_PORT", Integer.toString(port)),
                List.of(
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-Djava.io.tmpdir=" + directory),
                files + "/*" + File.pathSeparator + files + "/lib/*",
                "io.quarkus.runner.GeneratedMain",
                List.of()));
    LocalRegistry registry =
        new LocalRegistry(
            server, directory, "http://" + Ports.HOST + ":" + port + "/apis/ccompat/v7");
    try {
      registry.awaitReady();
      return registry;
    } catch (RuntimeException e) {
      registry.close();
      throw e;
    }
  }

  private void awaitReady() {
    server.awaitReady(() -> isOk("GET", "/subjects", Optional.empty()), START_LIMIT);
    server.awaitReady(
        () -> isOk("PUT", "/config", Optional.of("{\"compatibility\":\"BACKWARD\"}")), START_LIMIT);
  }

  /** Without {@code java.net.http}, whose client keeps threads until it is garbage. */
  private boolean isOk(String method, String path, Optional<String> body) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(url + path).toURL().openConnection();
      try {
        connection.setRequestMethod(method);
        connection.setConnectTimeout((int) ANSWER_LIMIT.toMillis());
        connection.setReadTimeout((int) ANSWER_LIMIT.toMillis());
        connection.setRequestProperty("Connection", "close");
        if (body.isPresent()) {
          connection.setRequestProperty("Content-Type", "application/vnd.schemaregistry.v1+json");
          connection.setDoOutput(true);
          connection.getOutputStream().write(body.get().getBytes(StandardCharsets.UTF_8));
        }
        return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return false; // not yet
    }
  }

  /** The URL that Confluent's client takes. */
  public String url() {
    return url;
  }

  /** Process id of the registry. */
  public long pid() {
    return server.pid();
  }

  /** Completes with the reason when the registry ends, also when {@link #close()} ended it. */
  CompletableFuture<StackException> ended() {
    return server.onExit().thenApply(p -> server.failure("ended with exit code " + p.exitValue()));
  }

  /** Stops the registry. */
  @Override
  public void close() {
    server.close();
    Directories.delete(directory);
  }
}
