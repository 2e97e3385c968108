package ai.falaj.jobs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes are told before anything is started. */
class ChaosCommandTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--minutes 0 | --minutes is 0.0; give it at least 0.1",
        "--rate 0 | --rate is 0.0; give it more than 0 and at most 1000",
        "--kills -1 | --kills is -1; give it 0 or more",
        "--taskmanagers 17 | --taskmanagers is 17; give it 1 to 16",
        "-p 3 | --parallelism is 3 and --taskmanagers 2;"
            + " choose a parallelism from 1 to the number of TaskManagers",
        "--rescale 2,3 | --rescale has 3 and --taskmanagers is 2;"
            + " choose parallelisms from 1 to the number of TaskManagers",
        "-D falaj.inference.max-in-flihgt=1 | falaj.inference.max-in-flihgt is no option of this"
            + " job; did you mean falaj.inference.max-in-flight?",
      })
  void saysWhatIsWrongAndWhatHelps(String arguments, String message) {
    StringWriter err = new StringWriter();

    int exitCode = run(err, arguments.split(" "));

    assertThat(exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString().strip()).isEqualTo("falaj: " + message);
  }

  @Test
  void isInTheHelp() {
    StringWriter err = new StringWriter();

    assertThat(run(err, "--help")).isEqualTo(ExitCodes.OK);
  }

  private static int run(StringWriter err, String... arguments) {
    return Falaj.run(
        Stream.concat(Stream.of("chaos"), Stream.of(arguments)).toArray(String[]::new),
        new PrintWriter(new StringWriter()),
        new PrintWriter(err));
  }
}
