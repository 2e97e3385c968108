package ai.falaj.jobs.dashboard;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.dashboard.feed.FeedTopics;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.jobs.web.AccessToken;
import ai.falaj.jobs.web.ListenOptions;
import ai.falaj.jobs.web.ListenSettings;
import ai.falaj.jobs.web.PortTakenException;
import ai.falaj.jobs.web.TokenOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj dashboard}: the page over the topics of a pipeline, until Ctrl-C. */
@Command(
    name = "dashboard",
    description = "Serve a page that shows the stream live, and takes prompts.",
    footer = {
      "",
      "Without options it shows the local stack of 'falaj up' on http://127.0.0.1:8090.",
      "For others: --address 0.0.0.0 --token-file FILE, behind a proxy that speaks TLS."
    },
    sortOptions = false)
public final class DashboardCommand extends FalajCommand {

  @Mixin private ListenOptions listenOptions;

  @Mixin private TokenOptions tokenOptions;

  @Option(
      names = "--show-prompts",
      description = "Show texts of prompts and completions, and allow prompts from the page.")
  private boolean showPrompts;

  @Option(
      names = "--read-only",
      description = "Send nothing: no prompts, no dead letters once more.")
  private boolean readOnly;

  @Option(
      names = "--history",
      paramLabel = "DURATION",
      defaultValue = "1 h",
      description = "Begin with records of that age (default: ${DEFAULT-VALUE}).")
  private String history;

  @Option(
      names = "--flink",
      paramLabel = "URL",
      description = "Flink whose TaskManagers to show (default: the running local stack's).")
  private URI flink;

  @Mixin private ClientOptions connectionOptions;

  /** As {@code --json} prints it. */
  record Serving(String url) {}

  @Override
  protected int run(Console console) throws InterruptedException {
    try (Dashboard dashboard = start(settings());
        Interrupt interrupt = Interrupt.onRaised(dashboard::close)) {
      announce(dashboard, console);
      interrupt.await();
      return ExitCodes.OK;
    }
  }

  private DashboardSettings settings() {
    Optional<AccessToken> token = tokenOptions.resolve(System.getenv());
    ListenSettings listen =
        listenOptions.resolve(
            DashboardSettings.DEFAULT_PORT, token.isPresent(), "add --token-file FILE");
    Connection connection = connectionOptions.resolve(directories());
    return new DashboardSettings(
        connection,
        FeedTopics.of(connection),
        Optional.ofNullable(flink).or(this::flinkOfRunningStack),
        listen,
        token,
        history(),
        showPrompts,
        readOnly);
  }

  /** Of the local stack, unless the topics are another cluster's. */
  private Optional<URI> flinkOfRunningStack() {
    return connectionOptions.namesBroker()
        ? Optional.empty()
        : connectionOptions
            .runningStack(directories())
            .map(StackDescription::flinkUrl)
            .map(URI::create);
  }

  private Duration history() {
    try {
      Duration parsed = TimeUtils.parseDuration(history);
      if (!parsed.isNegative()) {
        return parsed;
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw unusableHistory();
    }
    throw unusableHistory();
  }

  private CliException unusableHistory() {
    return CliException.usage(
        "--history is " + history, "give a number with a unit, such as \"30 min\" or 2h");
  }

  private static Dashboard start(DashboardSettings settings) {
    try {
      return Dashboard.start(settings);
    } catch (PortTakenException e) {
      throw CliException.usage(
          e.getMessage(), "stop what listens there, or choose another with --port", e);
    }
  }

  private void announce(Dashboard dashboard, Console console) {
    if (console.isJson()) {
      console.json(new Serving(dashboard.url().toString()));
      return;
    }
    console.say("The dashboard is at " + console.styled(Style.BOLD, dashboard.url().toString()));
    if (!showPrompts) {
      console.say("Texts are hidden; --show-prompts shows them.");
    }
    console.say("Stop with Ctrl-C.");
  }
}
