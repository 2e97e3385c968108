package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.TerminalSettings;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class LetterTableTest {

  private final StringWriter out = new StringWriter();

  @Test
  void alignsItsColumnsAndShowsNoPrompt() {
    DeadLetter undecodable = Letters.letter("r2", ErrorCode.UNDECODABLE_RECORD);
    undecodable.setRequestId(null);
    undecodable.setMessage("no Avro;\nwrite it\u001b[31m anew");
    table(TerminalSettings.none())
        .print(
            List.of(
                Letter.open(0, 0, Letters.letter("r1", ErrorCode.ENGINE_FAILURE)),
                Letter.open(0, 1, undecodable).in(LetterState.RETRIED)));

    assertThat(out.toString().lines())
        .containsExactly(
            "FAILED                CODE                REQUEST  SOURCE       ATTEMPTS  RETRIES"
                + "  STATE    MESSAGE",
            "2026-11-23T12:00:00Z  ENGINE_FAILURE      r1       prompts-1@7  4         0      "
                + "  open     it failed; mend it",
            "2026-11-23T12:00:00Z  UNDECODABLE_RECORD  -        prompts-1@7  4         0      "
                + "  retried  no Avro; write it[31m anew");
  }

  @Test
  void clipsTheMessageToTheTerminal() {
    table(new TerminalSettings(true, true, 120, false))
        .print(List.of(Letter.open(0, 0, longWinded())));

    assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(121));
    assertThat(out.toString()).contains("…");
  }

  @Test
  void countsTheMostFrequentCodeFirst() {
    Letter empty = Letter.open(0, 0, Letters.letter("r1", ErrorCode.EMPTY_PROMPT));
    Letter failure = Letter.open(0, 1, Letters.letter("r2", ErrorCode.ENGINE_FAILURE));
    table(TerminalSettings.none()).printCounts(List.of(empty, failure, failure));

    assertThat(out.toString().lines())
        .containsExactly("ENGINE_FAILURE  2", "EMPTY_PROMPT    1", "TOTAL           3");
  }

  private static DeadLetter longWinded() {
    DeadLetter letter = Letters.letter("r1", ErrorCode.ENGINE_FAILURE);
    letter.setMessage("the engine failed ".repeat(20));
    return letter;
  }

  private LetterTable table(TerminalSettings terminal) {
    return new LetterTable(
        new Console(new PrintWriter(out), new PrintWriter(new StringWriter()), false, terminal));
  }
}
