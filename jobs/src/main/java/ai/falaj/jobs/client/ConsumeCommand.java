package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj consume}: prints the records of one of Falaj's topics. */
@Command(
    name = "consume",
    description =
        "Print the records of a topic: completions, chunks, dead-letters, traces or prompts.",
    sortOptions = false)
public final class ConsumeCommand extends FalajCommand {

  private static final Duration POLL = Duration.ofMillis(200);

  @Parameters(
      paramLabel = "WHAT",
      arity = "0..1",
      defaultValue = "completions",
      description =
          "completions, chunks, dead-letters, traces (of the reasoning job) or prompts (default:"
              + " ${DEFAULT-VALUE}).")
  private String what;

  @Option(
      names = "--from",
      paramLabel = "START",
      defaultValue = "beginning",
      description =
          "beginning, end (follows), a time such as 2027-01-31T08:00:00Z, or milliseconds since"
              + " the epoch (default: ${DEFAULT-VALUE}).")
  private String from;

  @Option(names = "--max", paramLabel = "N", description = "Stop after so many records.")
  private Long max;

  @Option(
      names = {"-f", "--follow"},
      description = "Wait for more at the end, until Ctrl-C.")
  private boolean follow;

  @Option(
      names = "--request",
      paramLabel = "ID",
      description =
          "Only records of this request (prompts: also its cancellation; traces: all that they hold).")
  private String requestId;

  @Mixin private ClientOptions connectionOptions;

  @Override
  protected int run(Console console) throws InterruptedException {
    RecordKind kind = kind();
    StartPoint start = start();
    if (max != null && max < 1) {
      throw CliException.usage("--max is " + max, "give it 1 or more");
    }
    Connection connection = connectionOptions.resolve(directories());
    Reachability.requireTopics(connection, connection.topics(kind));
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        ResultReader reader = ResultReader.open(connection, registry, EnumSet.of(kind), start);
        Interrupt interrupt = Interrupt.onRaised(() -> {})) {
      print(reader, follow || start instanceof StartPoint.End, interrupt, console);
      return ExitCodes.OK;
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
  }

  private RecordKind kind() {
    return Arrays.stream(RecordKind.values())
        .filter(kind -> kind.toString().equalsIgnoreCase(what))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.usage(
                    what + " is no topic of Falaj",
                    "name completions, chunks, dead-letters, traces or prompts"));
  }

  private StartPoint start() {
    try {
      return StartPoint.parse(from);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--from is " + from, "give beginning, end or a time", e);
    }
  }

  private void print(ResultReader reader, boolean endless, Interrupt interrupt, Console console)
      throws InterruptedException {
    Map<TopicPartition, Long> ends = reader.ends();
    RecordLine lines = new RecordLine(console);
    long printed = 0;
    while (endless || !reader.hasReached(ends)) {
      for (ReadRecord message : reader.poll(POLL)) {
        if (!isWanted(message)) {
          continue;
        }
        if (console.isJson()) {
          console.json(RecordJson.document(message));
        } else {
          console.say(lines.format(message));
          if (requestId != null) {
            message.value(ReasoningTrace.class).ifPresent(new TracePrinter(console)::print);
          }
        }
        if (max != null && ++printed == max) {
          return;
        }
      }
      interrupt.holdIfRaised();
    }
  }

  private boolean isWanted(ReadRecord message) {
    return requestId == null
        || message.requestId().or(message::key).map(requestId::equals).orElse(false);
  }
}
