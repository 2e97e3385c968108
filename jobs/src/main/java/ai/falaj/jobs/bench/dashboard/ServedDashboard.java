package ai.falaj.jobs.bench.dashboard;

import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.stack.ChildProcess;
import ai.falaj.jobs.stack.Ports;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code falaj dashboard} in a process of its own. Any thread. */
final class ServedDashboard implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(30);

  private final ChildProcess process;
  private final URI url;

  private ServedDashboard(ChildProcess process, URI url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param directory its working directory, where its log goes too
   */
  static ServedDashboard start(Path home, Path directory, Connection connection) {
    int port = Ports.unused();
    ChildProcess process =
        ChildProcess.start(
            new ChildProcess.Command(
                "The dashboard",
                directory,
                directory.resolve("dashboard.log"),
                Map.of(),
                List.of(
                    "-Dfalaj.home=" + home,
                    "-Djava.io.tmpdir=" + directory,
                    "-XX:+UseParallelGC",
                    "-Xmx512m"),
                System.getProperty("java.class.path"),
                Falaj.class.getName(),
                List.of(
                    "dashboard",
                    "--port=" + port,
                    "--show-prompts",
                    "--bootstrap=" + connection.bootstrapServers(),
                    "--registry=" + connection.registry().displayUrls())));
    process.awaitReady(() -> !Ports.isFree(port), START_LIMIT);
    return new ServedDashboard(process, URI.create("http://" + Ports.HOST + ":" + port + "/"));
  }

  URI url() {
    return url;
  }

  @Override
  public void close() {
    process.close();
  }
}
