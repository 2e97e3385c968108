package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SelectionOptionsTest {

  @Test
  void selectsEverythingByDefault() {
    assertThat(parse().isEmpty()).isTrue();
    assertThat(parse().resolve(Letters.NOON)).isEqualTo(LetterFilter.ALL);
  }

  @Test
  void selectsWhatSatisfiesEveryPart() {
    LetterFilter filter =
        parse("--code", "engine_failure,EMPTY_PROMPT", "--request-id", "r1", "--request-id", "r2")
            .resolve(Letters.NOON);

    assertThat(filter.matches(Letters.letter("r2", ErrorCode.EMPTY_PROMPT))).isTrue();
    assertThat(filter.matches(Letters.letter("r3", ErrorCode.EMPTY_PROMPT))).isFalse();
    assertThat(filter.matches(Letters.letter("r1", ErrorCode.UNKNOWN_MODEL))).isFalse();
  }

  @Test
  void selectsNoLetterWithoutARequestWhereOneIsNamed() {
    DeadLetter undecodable = Letters.letter("r1", ErrorCode.UNDECODABLE_RECORD);
    undecodable.setRequestId(null);

    assertThat(LetterFilter.ALL.matches(undecodable)).isTrue();
    assertThat(parse("--request", "r1").resolve(Letters.NOON).matches(undecodable)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "90s, 2026-11-23T11:58:30Z",
    "15m, 2026-11-23T11:45:00Z",
    "6h, 2026-11-23T06:00:00Z",
    "7d, 2026-11-16T12:00:00Z",
    "2026-11-23T10:00:00Z, 2026-11-23T10:00:00Z",
    "1795428000000, 2026-11-23T10:00:00Z",
  })
  void countsBackFromNowOrTakesATime(String text, String earliest) {
    LetterFilter filter = parse("--since", text).resolve(Letters.NOON);
    DeadLetter letter = Letters.letter("r1", ErrorCode.ENGINE_FAILURE);

    letter.setFailedAt(Instant.parse(earliest));
    assertThat(filter.matches(letter)).isTrue();
    letter.setFailedAt(letter.getFailedAt().minusMillis(1));
    assertThat(filter.matches(letter)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "end", "beginning", "h", "-1h"})
  void refusesWhatIsNoTime(String text) {
    assertThatThrownBy(() -> parse("--since", text).resolve(Letters.NOON))
        .isInstanceOf(CliException.class)
        .hasMessage(
            "--since is "
                + text
                + "; give 30s, 15m, 6h, 7d or a time such as 2027-01-31T08:00:00Z");
  }

  private static SelectionOptions parse(String... args) {
    SelectionOptions options = new SelectionOptions();
    new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(args);
    return options;
  }
}
