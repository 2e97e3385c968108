package ai.falaj.jobs.dashboard;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.dashboard.feed.FeedTopics;
import ai.falaj.jobs.web.ListenSettings;
import ai.falaj.jobs.web.PortTakenException;
import java.net.URI;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the commands that start a local stack: the dashboard over it, for this machine. */
public final class StackDashboardOptions {

  private static final int ANY_PORT = 0;

  @Option(names = "--no-dashboard", description = "Serve no dashboard.")
  private boolean none;

  @Option(
      names = "--dashboard-port",
      paramLabel = "PORT",
      description =
          "Port of the dashboard; 0 lets the system choose (default: 8090, or any if that is taken).")
  private Integer port;

  /**
   * Starts the dashboard over a stack; empty where none is wanted.
   *
   * @param flink URL of the stack's REST API
   * @param showPrompts whether texts are shown, and prompts taken from the page
   * @throws CliException where a port was named that is taken
   */
  public Optional<Dashboard> start(Connection connection, URI flink, boolean showPrompts) {
    if (none) {
      return Optional.empty();
    }
    int wanted = port == null ? DashboardSettings.DEFAULT_PORT : port;
    try {
      return Optional.of(Dashboard.start(settings(connection, flink, wanted, showPrompts)));
    } catch (PortTakenException e) {
      if (port != null) {
        throw CliException.usage(e.getMessage(), "choose another with --dashboard-port", e);
      }
      return Optional.of(Dashboard.start(settings(connection, flink, ANY_PORT, showPrompts)));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "correct --dashboard-port", e);
    }
  }

  private static DashboardSettings settings(
      Connection connection, URI flink, int port, boolean showPrompts) {
    return new DashboardSettings(
        connection,
        FeedTopics.of(connection),
        Optional.of(flink),
        ListenSettings.loopback(port),
        Optional.empty(),
        DashboardSettings.DEFAULT_HISTORY,
        showPrompts,
        false);
  }
}
