package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj produce}: sends a file of prompts. */
@Command(
    name = "produce",
    description = "Send a file of prompts, one JSON object per line.",
    sortOptions = false,
    footer = {
      "",
      "The whole file is checked before the first prompt is sent. Names of the fields: see",
      "examples/README.md. With --skip-bad, standard input is sent as it comes."
    })
public final class ProduceCommand extends FalajCommand {

  private static final String STANDARD_INPUT = "-";

  @Parameters(paramLabel = "FILE", description = "JSON lines; - reads standard input.")
  private String source;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Prompts per second (default: as fast as the broker takes them).")
  private Double rate;

  @Option(names = "--limit", paramLabel = "N", description = "Send no more than so many prompts.")
  private Long limit;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Send the file so many times; ids get -r2, -r3 ... from the second time on"
              + " (default: ${DEFAULT-VALUE}).")
  private int repeat;

  @Option(names = "--skip-bad", description = "Send the good lines and count the bad ones.")
  private boolean skipBad;

  @Mixin private ClientOptions connectionOptions;

  @Override
  protected int run(Console console) throws IOException, InterruptedException {
    requireSensible();
    PromptJson json = new PromptJson(() -> "prompt-" + UUID.randomUUID(), InstantSource.system());
    if (source.equals(STANDARD_INPUT) && skipBad && repeat == 1) {
      return stream(json, console);
    }
    try (PromptFile file =
        source.equals(STANDARD_INPUT)
            ? PromptFile.spool(System.in)
            : PromptFile.of(Path.of(source))) {
      OptionalLong total = OptionalLong.empty();
      if (!skipBad) {
        long prompts = file.requireValid(json) * repeat;
        total = OptionalLong.of(limit == null ? prompts : Math.min(limit, prompts));
      }
      return send(json, file, total, console);
    }
  }

  private void requireSensible() {
    if (rate != null && !(rate > 0)) {
      throw CliException.usage("--rate is " + rate, "give it more than 0 prompts per second");
    }
    if (limit != null && limit < 0) {
      throw CliException.usage("--limit is " + limit, "give it 0 or more");
    }
    if (repeat < 1) {
      throw CliException.usage("--repeat is " + repeat, "give it 1 or more");
    }
  }

  private int send(PromptJson json, PromptFile file, OptionalLong total, Console console)
      throws IOException, InterruptedException {
    Connection connection = connect();
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        Sending sending = start(connection, registry, total, console)) {
      for (int round = 1; round <= repeat && !sending.isEnough(); round++) {
        try (BufferedReader reader = file.open()) {
          sending.sendAll(new PromptLines(json, reader), round);
        }
      }
      return report(sending.finish(), connection, console);
    }
  }

  private int stream(PromptJson json, Console console) throws IOException, InterruptedException {
    Connection connection = connect();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        Sending sending = start(connection, registry, OptionalLong.empty(), console)) {
      sending.sendAll(new PromptLines(json, input), 1);
      return report(sending.finish(), connection, console);
    }
  }

  private Connection connect() throws InterruptedException {
    Connection connection = connectionOptions.resolve(directories());
    Reachability.requireTopics(connection, connection.topics(RecordKind.PROMPTS));
    return connection;
  }

  private Sending start(
      Connection connection, SchemaRegistry registry, OptionalLong total, Console console) {
    Reachability.requirePromptSchema(connection, registry);
    return new Sending(
        new PromptProducer(connection, registry),
        new Pacer(rate == null ? Double.POSITIVE_INFINITY : rate),
        limit == null ? Long.MAX_VALUE : limit,
        skipBad,
        total,
        console.progress("sending prompts", ProgressBar.Unit.COUNT));
  }

  /** The document of {@code --json}. */
  private record Report(
      String topic, long sent, long skipped, double seconds, List<String> problems) {}

  private static int report(Sending.Totals totals, Connection connection, Console console) {
    String topic = connection.topic(RecordKind.PROMPTS);
    if (console.isJson()) {
      console.json(
          new Report(topic, totals.sent(), totals.skipped(), totals.seconds(), totals.problems()));
    }
    totals.problems().forEach(problem -> console.note("falaj: skipped " + problem));
    if (totals.skipped() > totals.problems().size()) {
      console.note("falaj: skipped " + totals.skipped() + " lines in all");
    }
    console.say(
        String.format(
            Locale.ROOT,
            "sent %d %s to %s at %s in %.1f s (%.0f/s)",
            totals.sent(),
            totals.sent() == 1 ? "prompt" : "prompts",
            topic,
            connection.bootstrapServers(),
            totals.seconds(),
            totals.sent() / Math.max(totals.seconds(), 1e-3)));
    return ExitCodes.OK;
  }
}
