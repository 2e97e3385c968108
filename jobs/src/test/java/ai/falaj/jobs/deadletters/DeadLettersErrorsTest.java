package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes that need no broker to be noticed. */
class DeadLettersErrorsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          dead-letters                           | 'falaj dead-letters' needs a command; say list or retry
          dead-letters list --limit 0            | --limit is 0; give it 1 or more
          dead-letters list --since soon         | --since is soon; give 30s, 15m, 6h, 7d or a time such as 2027-01-31T08:00:00Z
          dead-letters retry                     | nothing is selected; give --all, or some of --code, --request-id and --since
          dead-letters retry --all --since 1h    | --all and a selection are given; give --all, or some of --code, --request-id and --since
          dead-letters retry --all --limit 0     | --limit is 0; give it 1 or more
          dead-letters retry --all --max-retries 0 | --max-retries is 0; give it 1 or more
          """)
  void refusesMistakesBeforeConnecting(String line, String message) {
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(line.split(" "), new PrintWriter(new StringWriter()), new PrintWriter(err));

    assertThat(exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(err).hasToString("falaj: " + message + "\n");
  }
}
