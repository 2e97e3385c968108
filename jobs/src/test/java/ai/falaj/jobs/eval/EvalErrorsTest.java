package ai.falaj.jobs.eval;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.stack.Ports;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes end in one line and exit code 2, before anything is started. */
class EvalErrorsTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          eval                              | no data set is named; give a file of JSON lines, or gsm8k-100
          eval none.jsonl                   | none.jsonl cannot be read; name a file of JSON lines, or gsm8k-100
          eval gsm8k-100 --kind expression --limit 0 | --limit is 0; give it 1 or more
          eval gsm8k-100 --timeout 0        | --timeout is 0; give it 1 second or more
          eval gsm8k-100 -n 65              | n is 65; it must be 1 to 64
          eval gsm8k-100 --job reasoning -n 17 | -n is 17 and the job makes at most 16 candidates; lower the first
          eval gsm8k-100 --job reasoning -n 5 -D falaj.reasoning.samples=3 | -n is 5 and the job makes at most 3 candidates; lower the first, or raise falaj.reasoning.samples
          eval gsm8k-100 --temperature 3    | temperature is 3.0; it must be 0.0 to 2.0
          eval gsm8k-100 --kind choice      | gsm8k-100, line 1: field choices is missing; list the texts to choose from
          eval grade none                   | none cannot be read; name a folder that falaj eval has written, or its results.jsonl
          eval compare none                 | none cannot be read; name a folder that falaj eval has written, or its results.jsonl
          """)
  void namesTheMistakeAndTheRemedy(String line, String message) {
    assertThat(err(line.split(" "))).isEqualTo("falaj: " + message + "\n");
  }

  @Test
  void refusesOptionsThatDoNotParse() {
    assertThat(err("eval", "gsm8k-100", "--kind", "essay")).startsWith("falaj: ").hasLineCount(1);
    assertThat(err("eval", "compare")).contains("RUN").hasLineCount(1);
  }

  @Test
  void saysWithinSecondsThatNoBrokerAnswers() {
    String nobody = "localhost:" + Ports.unused();

    assertThat(err("eval", "gsm8k-100", "--bootstrap", nobody, "--out", directory.toString()))
        .isEqualTo(
            "falaj: no Kafka broker answers at "
                + nobody
                + "; start one with: falaj up, or give --bootstrap\n");
  }

  private static String err(String... args) {
    StringWriter err = new StringWriter();
    int exitCode = Falaj.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err));
    assertThat(exitCode).as(err.toString()).isEqualTo(ExitCodes.USAGE);
    return err.toString();
  }
}
