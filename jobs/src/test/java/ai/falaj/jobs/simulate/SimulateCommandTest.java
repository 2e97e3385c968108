package ai.falaj.jobs.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void printsOneDocumentAndWritesResultsAndPlots() throws IOException {
    Path results = folder.resolve("results.json");
    Path plot = folder.resolve("plot.svg");

    int code =
        simulate(
            "--load=0.3,0.6",
            "--policy=adaptive",
            "--results=" + results,
            "--plot=" + plot,
            "--json");

    assertThat(code).as(err.toString()).isEqualTo(ExitCodes.OK);
    JsonNode printed = new ObjectMapper().readTree(out.toString());
    assertThat(printed.get("points")).hasSize(2);
    assertThat(new ObjectMapper().readTree(results.toFile())).isEqualTo(printed);
    assertThat(Files.readString(plot)).contains("<svg");
  }

  @Test
  void givesEachTenantItsLatencies() throws IOException {
    simulate("--load=2", "--policy=adaptive", "--tenant=a:3", "--tenant=b:1:0.2", "--json");

    JsonNode point = new ObjectMapper().readTree(out.toString()).get("points").get(0);
    assertThat(point.get("tenants"))
        .extracting(one -> one.get("tenant").asText())
        .containsExactly("a", "b");
  }

  @Test
  void namesEveryMistakeInOneLine() {
    assertMistake("no policy is called 'fast'", "--policy=fast");
    assertMistake("no hardware profile is called tpu", "--profile=tpu");
    assertMistake("absent.csv", "--trace=" + folder.resolve("absent.csv"));
    assertMistake("--tenant is 'a'", "--tenant=a");
    assertMistake("a load is 0.0", "--load=0");
    assertMistake("--requests is 1", "--requests=1");
    assertMistake("end it with .svg or .png", "--plot=" + folder.resolve("plot.gif"));
  }

  private void assertMistake(String words, String... options) {
    err.getBuffer().setLength(0);
    assertThat(simulate(options)).as(err.toString()).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).startsWith("falaj: ").contains(words);
    assertThat(err.toString().lines()).hasSize(1);
  }

  private int simulate(String... options) {
    String[] common = {"simulate", "--requests=60", "--trace=code"};
    Stream<String> wanted =
        Arrays.stream(common)
            .filter(
                option ->
                    Arrays.stream(options)
                        .noneMatch(other -> other.startsWith(option.split("=")[0] + "=")));
    return Falaj.run(
        Stream.concat(wanted, Arrays.stream(options)).toArray(String[]::new),
        new PrintWriter(out),
        new PrintWriter(err));
  }
}
