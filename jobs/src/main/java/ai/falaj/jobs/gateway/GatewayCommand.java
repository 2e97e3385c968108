package ai.falaj.jobs.gateway;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.web.ListenOptions;
import ai.falaj.jobs.web.ListenSettings;
import ai.falaj.jobs.web.PortTakenException;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj gateway}: OpenAI's API in front of the topics, until Ctrl-C. */
@Command(
    name = "gateway",
    description = "Serve OpenAI's chat API in front of the topics, for clients as they are.",
    footer = {
      "",
      "Example: falaj gateway, then any OpenAI client with base_url http://127.0.0.1:8000/v1.",
      "For others: --address 0.0.0.0 --keys FILE, behind a proxy that speaks TLS."
    },
    sortOptions = false)
public final class GatewayCommand extends FalajCommand {

  @Mixin private ListenOptions listenOptions;

  @Option(
      names = "--keys",
      paramLabel = "FILE",
      description = "Keys of callers: lines of a tenant and its key, or sha256: and its hash.")
  private Path keys;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME",
      description = "A model to list, as often as needed (default: falaj, which is the job's own).")
  private List<String> models = List.of(ChatRequestParser.DEFAULT_MODEL);

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      defaultValue = "256",
      description = "Requests under way; more are refused with 429 (default: ${DEFAULT-VALUE}).")
  private int maxInFlight;

  @Option(
      names = "--max-in-flight-per-tenant",
      paramLabel = "N",
      description = "Likewise of one tenant (default: as many as in all).")
  private Integer maxInFlightPerTenant;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "Longest time of a request; its prompt is cancelled (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Mixin private ClientOptions connectionOptions;

  /** As {@code --json} prints it. */
  record Serving(String url, List<String> models) {}

  @Override
  protected int run(Console console) throws InterruptedException {
    GatewaySettings settings = settings();
    Connection connection = settings.connection();
    Reachability.requireTopics(connection, connection.topics(RecordKind.ofEveryJob()));
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry())) {
      Reachability.requirePromptSchema(connection, registry);
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
    try (Gateway gateway = start(settings);
        Interrupt interrupt = Interrupt.onRaised(gateway::close)) {
      announce(gateway, console);
      interrupt.await();
      return ExitCodes.OK;
    }
  }

  private GatewaySettings settings() {
    Optional<ApiKeys> known = Optional.ofNullable(keys).map(KeyFile::read);
    ListenSettings listen =
        listenOptions.resolve(GatewaySettings.DEFAULT_PORT, known.isPresent(), "add --keys FILE");
    if (maxInFlight < 1 || timeoutSeconds < 1) {
      throw CliException.usage(
          "--max-in-flight and --timeout must be at least 1", "give larger ones");
    }
    if (maxInFlightPerTenant != null && maxInFlightPerTenant < 1) {
      throw CliException.usage(
          "--max-in-flight-per-tenant is " + maxInFlightPerTenant, "give it 1 or more");
    }
    return new GatewaySettings(
        connectionOptions.resolve(directories()),
        listen,
        known,
        models,
        maxInFlight,
        maxInFlightPerTenant == null ? maxInFlight : maxInFlightPerTenant,
        Duration.ofSeconds(timeoutSeconds));
  }

  private static Gateway start(GatewaySettings settings) {
    try {
      return Gateway.start(settings);
    } catch (PortTakenException e) {
      throw CliException.usage(
          e.getMessage(), "stop what listens there, or choose another with --port", e);
    }
  }

  private void announce(Gateway gateway, Console console) {
    String base = gateway.url().resolve("v1").toString();
    if (console.isJson()) {
      console.json(new Serving(base, models));
      return;
    }
    console.say("OpenAI's API is at " + console.styled(Style.BOLD, base));
    console.say(keys == null ? "No key is needed on this machine." : "Callers need their key.");
    console.say("Stop with Ctrl-C.");
  }
}
