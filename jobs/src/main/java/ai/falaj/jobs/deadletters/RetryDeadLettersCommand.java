package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.IsolationLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj dead-letters retry}: sends the prompts of dead letters again, each once. */
@Command(
    name = "retry",
    description = "Send the prompts of dead letters again, as they were, each once.",
    sortOptions = false,
    footer = {
      "",
      "However often it runs, and wherever it was killed, a letter is sent once: the prompt and a",
      "mark beside its letter are one transaction. A prompt that fails again is a new letter, with",
      "one more retry. Deadlines are not moved: letters of DEADLINE_EXCEEDED fail again."
    })
final class RetryDeadLettersCommand extends FalajCommand {

  @Option(names = "--all", description = "All letters that were not retried.")
  private boolean all;

  @Mixin private SelectionOptions selection;

  @Option(names = "--limit", paramLabel = "N", description = "Only the oldest so many.")
  private Long limit;

  @Option(
      names = "--max-retries",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Leave prompts alone that were sent again so often (default: ${DEFAULT-VALUE}).")
  private int maxRetries;

  @Option(
      names = "--to",
      paramLabel = "TOPIC",
      description = "Where to send them (default: the topic that each was read from).")
  private String target;

  @Option(names = "--dry-run", description = "Say what would be sent, and send nothing.")
  private boolean dryRun;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @Mixin private ClientOptions connectionOptions;

  @Override
  protected int run(Console console) throws IOException, InterruptedException {
    requireSensible();
    LetterFilter filter = selection.resolve(Instant.now());
    Connection connection = connectionOptions.resolve(directories());
    Reachability.requireTopics(connection, connection.topics(RecordKind.DEAD_LETTERS));
    try (LetterAccess access = LetterAccess.open(connection)) {
      return dryRun
          ? rehearse(access, filter, console)
          : retry(access, connection, filter, console);
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
  }

  private void requireSensible() {
    if (all == !selection.isEmpty()) {
      throw CliException.usage(
          all ? "--all and a selection are given" : "nothing is selected",
          "give --all, or some of --code, --request-id and --since");
    }
    if (maxRetries < 1) {
      throw CliException.usage("--max-retries is " + maxRetries, "give it 1 or more");
    }
    if (limit != null && limit < 1) {
      throw CliException.usage("--limit is " + limit, "give it 1 or more");
    }
  }

  private RetryPlan plan(LetterAccess access, LetterFilter filter, Console console) {
    return RetryPlan.of(
        access.index(filter, console), maxRetries, limit == null ? Long.MAX_VALUE : limit);
  }

  private int rehearse(LetterAccess access, LetterFilter filter, Console console) {
    RetryPlan plan = plan(access, filter, console);
    if (console.isJson()) {
      console.json(Report.of(plan, 0, List.of(), true));
    } else if (!plan.toSend().isEmpty()) {
      new LetterTable(console).print(plan.toSend());
    }
    noteLeftAlone(plan, console);
    console.say("would send " + letters(plan.toSend().size()));
    return ExitCodes.OK;
  }

  private int retry(
      LetterAccess access, Connection connection, LetterFilter filter, Console console)
      throws IOException, InterruptedException {
    String lettersTopic = connection.topic(RecordKind.DEAD_LETTERS);
    try (LetterSender sender =
            new LetterSender(
                KafkaClients.producer(connection, lettersTopic),
                lettersTopic,
                Optional.ofNullable(target));
        SourceRecords sources =
            new SourceRecords(KafkaClients.consumer(connection, IsolationLevel.READ_COMMITTED));
        Interrupt interrupt = Interrupt.onRaised(sender::close)) {
      sender.takeOver();
      RetryPlan plan = plan(access, filter, console);
      noteLeftAlone(plan, console);
      if (!isWanted(plan, console)) {
        console.note("nothing was sent");
        return ExitCodes.FAILURE;
      }
      if (plan.toSend().isEmpty()) {
        return report(plan, 0, List.of(), console);
      }
      requireTargets(connection, plan);
      RetryRun run = new RetryRun(access.topic(), sources, sender);
      List<Letter> gone = send(run, plan, interrupt, console);
      return report(plan, sender.sent(), gone, console);
    }
  }

  private boolean isWanted(RetryPlan plan, Console console) throws IOException {
    if (yes) {
      return true;
    }
    String question = "Send " + letters(plan.toSend().size()) + " again?";
    return Confirmation.atTerminal(console).isGiven(plan.toSend().size(), question, console);
  }

  private void requireTargets(Connection connection, RetryPlan plan) throws InterruptedException {
    List<String> topics =
        target == null
            ? plan.toSend().stream().map(Letter::sourceTopic).distinct().toList()
            : List.of(target);
    Reachability.requireTopics(connection, topics);
  }

  private static List<Letter> send(
      RetryRun run, RetryPlan plan, Interrupt interrupt, Console console)
      throws InterruptedException {
    try (ProgressBar progress = console.progress("sending prompts", ProgressBar.Unit.COUNT)) {
      OptionalLong all = OptionalLong.of(plan.toSend().size());
      return run.send(plan.toSend(), sent -> progress.update(sent, all));
    } catch (RuntimeException e) {
      interrupt.holdIfRaised();
      throw e;
    }
  }

  /** The document of {@code --json}. */
  private record Report(
      int selected,
      long sent,
      int alreadyRetried,
      int undecided,
      int exhausted,
      List<String> gone,
      boolean dryRun) {

    static Report of(RetryPlan plan, long sent, List<Letter> gone, boolean dryRun) {
      return new Report(
          plan.toSend().size(),
          sent,
          plan.alreadyRetried(),
          plan.undecided(),
          plan.exhausted(),
          gone.stream().map(Letter::source).toList(),
          dryRun);
    }
  }

  private static int report(RetryPlan plan, long sent, List<Letter> gone, Console console) {
    if (console.isJson()) {
      console.json(Report.of(plan, sent, gone, false));
    }
    for (Letter letter : gone) {
      console.note(
          "falaj: the record of request "
              + letter.requestId().orElse("(unknown)")
              + " was too large for its letter and is no longer at "
              + letter.source()
              + "; its client has to send it again");
    }
    console.say("sent " + letters(sent) + " again");
    return gone.isEmpty() ? ExitCodes.OK : ExitCodes.FAILURE;
  }

  private void noteLeftAlone(RetryPlan plan, Console console) {
    if (plan.alreadyRetried() > 0) {
      console.note(letters(plan.alreadyRetried()) + " had been sent again before");
    }
    if (plan.undecided() > 0) {
      console.note(
          letters(plan.undecided())
              + " may have been sent again a moment ago, behind an open transaction of the job;"
              + " run it again after the job's next checkpoint");
    }
    if (plan.exhausted() > 0) {
      console.note(
          letters(plan.exhausted())
              + " had been sent again as often as --max-retries "
              + maxRetries
              + " allows");
    }
    if (plan.toSend().stream().anyMatch(l -> l.code() == ErrorCode.DEADLINE_EXCEEDED)) {
      console.note("prompts of DEADLINE_EXCEEDED keep their deadline and will fail again");
    }
  }

  private static String letters(long count) {
    return count + (count == 1 ? " letter" : " letters");
  }
}
