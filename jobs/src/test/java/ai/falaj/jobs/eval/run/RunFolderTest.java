package ai.falaj.jobs.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {

  @TempDir Path directory;

  @Test
  void goesOnWithWhatIsThrough() throws IOException {
    try (RunFolder folder = RunFolder.open(directory, Results.settings(null, 1, "a", "b"))) {
      assertThat(folder.isResumed()).isFalse();
      folder.add(Results.of("a", "4", "#### 4"));
    }

    RunSettings again =
        new RunSettings(
            "another",
            "2028-01-01T00:00:00Z",
            "0.2.0",
            "sums",
            java.util.List.of("a", "b"),
            "fingerprint",
            null,
            "PLAIN 1",
            null,
            "{\"n\": 1}",
            1,
            null,
            "model",
            "label");
    try (RunFolder folder = RunFolder.open(directory, again)) {
      assertThat(folder.isResumed()).isTrue();
      assertThat(folder.settings().runId()).isEqualTo("0123abcd");
      assertThat(folder.results()).containsOnlyKeys("a");
      assertThat(folder.results().get("a")).isEqualTo(Results.of("a", "4", "#### 4"));
      folder.add(Results.of("a", "4", "#### 5"));
      folder.add(Results.deadLetter("b"));
    }

    assertThat(RunFolder.readResults(RunFolder.resultsFile(directory)))
        .containsExactly(Results.of("a", "4", "#### 4"), Results.deadLetter("b"));
  }

  @Test
  void cutsOffALineThatAKilledProcessLeftUnfinished() throws IOException {
    try (RunFolder folder = RunFolder.open(directory, Results.settings(null, 1, "a", "b"))) {
      folder.add(Results.of("a", "4", "#### 4"));
    }
    Files.writeString(
        directory.resolve("results.jsonl"), "{\"id\": \"b\", \"que", StandardOpenOption.APPEND);

    try (RunFolder folder = RunFolder.open(directory, Results.settings(null, 1, "a", "b"))) {
      assertThat(folder.results()).containsOnlyKeys("a");
      folder.add(Results.of("b", "5", "#### 5"));
    }
    assertThat(RunFolder.readResults(directory.resolve("results.jsonl"))).hasSize(2);
  }

  @Test
  void refusesToMixRuns() throws IOException {
    RunFolder.open(directory, Results.settings(null, 1, "a")).close();

    assertThatThrownBy(() -> RunFolder.open(directory, Results.settings(null, 4, "a")))
        .isInstanceOf(CliException.class)
        .hasMessage(
            directory
                + " holds a run with another sampling ({\"n\": 1}, now {\"n\": 4}); name another"
                + " folder with --out, or repeat the options of that run");
  }

  @Test
  void namesTheLineThatIsNoResult() throws IOException {
    Path file = Files.writeString(directory.resolve("results.jsonl"), "{}\n{\"id\": 3");

    assertThatThrownBy(() -> RunFolder.readResults(file))
        .isInstanceOf(CliException.class)
        .hasMessageStartingWith(file + ", line 1 is no result");
    assertThatThrownBy(() -> RunFolder.open(directory, Results.settings(null, 1, "a")))
        .hasMessageContaining("holds results of a run that is not known");
  }
}
