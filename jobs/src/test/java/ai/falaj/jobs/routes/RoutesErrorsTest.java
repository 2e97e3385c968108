package ai.falaj.jobs.routes;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes that need no broker to be noticed. */
class RoutesErrorsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          routes                             | 'falaj routes' needs a command; say set, reset or list
          routes set k2 k2:0                 | no target has a weight above 0; give one of them a part of the requests
          routes set k2 k2:90,canary         | 'canary' names no part; write MODEL:WEIGHT,MODEL:WEIGHT and, where wanted, shadow MODEL:PERCENT
          routes set k2 k2:1 shadow big:200  | the shadow big gets 200.0 percent; it must be above 0 and at most 100
          routes list --bootstrap localhost:1 | no Kafka broker answers at localhost:1; start one with: falaj up, or give --bootstrap
          """)
  void refusesMistakesInOneLine(String line, String message) {
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(line.split("\\s+"), new PrintWriter(new StringWriter()), new PrintWriter(err));

    assertThat(exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(err).hasToString("falaj: " + message + "\n");
  }
}
