package ai.falaj.jobs.tools;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes that need no broker to be noticed. */
class ToolsErrorsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          tools                               | 'falaj tools' needs a command; say list or answer
          tools list --bootstrap localhost:1  | no Kafka broker answers at localhost:1; start one with: falaj up, or give --bootstrap
          tools answer x y --bootstrap localhost:1 | no Kafka broker answers at localhost:1; start one with: falaj up, or give --bootstrap
          """)
  void refusesMistakesInOneLine(String line, String message) {
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(line.split("\\s+"), new PrintWriter(new StringWriter()), new PrintWriter(err));

    assertThat(exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(err).hasToString("falaj: " + message + "\n");
  }
}
