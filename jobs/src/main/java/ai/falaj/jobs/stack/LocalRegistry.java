package ai.falaj.jobs.stack;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
  private static final int HTTP_OK = 200;

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
    HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build();
    HttpRequest subjects = request("/subjects").GET().build();
    server.awaitReady(() -> isOk(client, subjects), START_LIMIT);
    HttpRequest backward =
        request("/config")
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .PUT(HttpRequest.BodyPublishers.ofString("{\"compatibility\":\"BACKWARD\"}"))
            .build();
    server.awaitReady(() -> isOk(client, backward), START_LIMIT);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).timeout(ANSWER_LIMIT);
  }

  private static boolean isOk(HttpClient client, HttpRequest request) throws InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == HTTP_OK;
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
