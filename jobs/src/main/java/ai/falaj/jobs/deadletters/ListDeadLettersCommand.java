package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj dead-letters list}: what could not be answered and was not sent again. */
@Command(
    name = "list",
    description = "List dead letters that were not retried, oldest first.",
    sortOptions = false,
    footer = {
      "",
      "Prompts are not shown. 'falaj consume dead-letters --json --request ID' prints a letter",
      "whole, with the prompt's bytes in Base64; add --follow to wait for more."
    })
final class ListDeadLettersCommand extends FalajCommand {

  @Mixin private SelectionOptions selection;

  @Option(names = "--limit", paramLabel = "N", description = "Only the newest so many.")
  private Integer limit;

  @Option(names = "--retried", description = "Also those that were retried.")
  private boolean withRetried;

  @Option(names = "--summary", description = "Only how many there are of each code.")
  private boolean summary;

  @Mixin private ClientOptions connectionOptions;

  /** The document of {@code --summary --json}. */
  private record Summary(int total, Map<ErrorCode, Long> codes) {}

  @Override
  protected int run(Console console) throws InterruptedException {
    if (limit != null && limit < 1) {
      throw CliException.usage("--limit is " + limit, "give it 1 or more");
    }
    LetterFilter filter = selection.resolve(Instant.now());
    Connection connection = connectionOptions.resolve(directories());
    Reachability.requireTopics(connection, connection.topics(RecordKind.DEAD_LETTERS));
    try (LetterAccess access = LetterAccess.open(connection)) {
      print(access.index(filter, console), console);
      return ExitCodes.OK;
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
  }

  private void print(LetterIndex index, Console console) {
    List<Letter> letters = shown(index);
    if (console.isJson()) {
      if (summary) {
        console.json(new Summary(letters.size(), LetterIndex.byCode(letters)));
      } else {
        letters.forEach(letter -> console.json(letter.document()));
      }
    } else if (summary) {
      new LetterTable(console).printCounts(letters);
    } else if (!letters.isEmpty()) {
      new LetterTable(console).print(letters);
    } else {
      console.say("no dead letters");
    }
    int retried = index.in(LetterState.RETRIED).size();
    if (retried > 0 && !withRetried) {
      console.note(retried + " more were retried; --retried shows them");
    }
    if (index.undecodable() > 0) {
      console.note("falaj: records of the topic that are no dead letters: " + index.undecodable());
    }
  }

  private List<Letter> shown(LetterIndex index) {
    List<Letter> letters =
        index.letters().stream()
            .filter(letter -> withRetried || letter.state() != LetterState.RETRIED)
            .toList();
    return limit == null || limit >= letters.size()
        ? letters
        : letters.subList(letters.size() - limit, letters.size());
  }
}
