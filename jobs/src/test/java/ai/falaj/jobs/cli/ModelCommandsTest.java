package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.testing.TinyModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandsTest {

  @TempDir private Path directory;

  @Test
  void listsTheCatalogue() {
    CliRun run = CliRun.of(directory, "model", "list");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("k2-think", "Q4_K_M*", "32.8B", "smollm2-135m-instruct", "98 MB");
  }

  @Test
  void listsTheCatalogueForMachines() throws IOException {
    JsonNode rows =
        new ObjectMapper().readTree(CliRun.of(directory, "model", "list", "--json").out());

    assertThat(rows).hasSizeGreaterThan(5);
    assertThat(rows.get(0).get("name").asText()).isEqualTo("k2-think");
    assertThat(rows.get(0).get("memoryBytes").asLong())
        .isGreaterThan(rows.get(0).get("fileBytes").asLong());
  }

  @Test
  void namesWhatThereIsForAnUnknownModel() {
    assertOneLine(CliRun.of(directory, "model", "pull", "gpt-17"), "gpt-17", "k2-think");
  }

  @Test
  void refusesAFileThatIsNoModel() throws IOException {
    Path file = Files.writeString(directory.resolve("letter.gguf"), "Dear Sir");

    assertOneLine(CliRun.of(directory, "model", "info", file.toString()), "letter.gguf");
  }

  @Test
  void describesAnyGgufFile() throws IOException {
    Path file = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 1);

    CliRun words = CliRun.of(directory, "model", "info", file.toString());
    JsonNode document =
        new ObjectMapper()
            .readTree(CliRun.of(directory, "model", "info", file.toString(), "--json").out());

    assertThat(words.exitCode()).isZero();
    assertThat(words.out()).contains("qwen2", "context     4096 tokens");
    assertThat(document.get("layers").asInt()).isEqualTo(TinyModels.LAYERS);
    assertThat(document.get("memoryBytes").asLong())
        .isGreaterThan(document.get("fileBytes").asLong());
  }

  @Test
  void refusesMemoryForNothing() {
    assertOneLine(
        CliRun.of(directory, "model", "info", "x.gguf", "--sequences", "0"), "--sequences is 0");
  }

  @Test
  void asksForACommand() {
    assertOneLine(CliRun.of(directory, "model"), "needs a command", "list, pull or info");
  }

  private static void assertOneLine(CliRun run, String... parts) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("falaj: ").contains(parts);
    assertThat(run.err().lines()).hasSize(1);
  }
}
