package ai.falaj.jobs.enrich.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's mistake is one line and exit code 2, before a model is looked for. */
class EnrichCommandTest {

  @TempDir private Path directory;

  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Falaj.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err));
  }

  private void assertMistake(int exitCode, String message) {
    assertThat(exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString().strip()).startsWith("falaj: ").contains(message).doesNotContain("\n");
  }

  @Test
  void aFileThatIsNotThere() {
    assertMistake(run("enrich", "no.yaml"), "no.yaml is not there; name a YAML file");
  }

  @Test
  void anUnknownKey() throws Exception {
    Path file = Files.writeString(directory.resolve("e.yaml"), "name: x\nsorce: {}\n");
    assertMistake(run("enrich", file.toString()), "'sorce' is not known here; known are");
  }

  @Test
  void anUnknownOption() throws Exception {
    Path input = Files.writeString(directory.resolve("in.jsonl"), "{\"text\":\"a\"}\n");
    Path file =
        Files.writeString(
            directory.resolve("e.yaml"),
            """
            name: x
            source: {type: files, path: %s, format: jsonl}
            prompt: {user: "{{text}}"}
            output: {fields: {word: string}}
            sink: {type: files, path: out, format: jsonl}
            """
                .formatted(input));
    assertMistake(
        run("enrich", file.toString(), "-D", "falaj.inference.max-in-flght=3"),
        "falaj.inference.max-in-flght is no option of this job; did you mean");
  }

  @Test
  void resumingFromNowhere() {
    assertMistake(run("enrich", "e.yaml", "--resume"), "--resume is given without --checkpoints");
  }
}
