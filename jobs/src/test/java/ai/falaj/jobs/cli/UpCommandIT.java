package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.jobs.stack.TestJvm;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code falaj up} as a process of its own, with a tiny model. */
@Timeout(180)
class UpCommandIT {

  @TempDir private Path directory;

  @Test
  void tellsWhenTheModelIsLoadedAndStopsAllItStarted() throws Exception {
    Path model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 1);
    Path state = directory.resolve("state");
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    TestJvm up =
        TestJvm.start(
            Falaj.class,
            List.of(
                "-Xmx512m",
                "-Dfalaj.home=" + System.getProperty("falaj.home"),
                "-Djava.io.tmpdir=" + temporary),
            Map.of(
                "FALAJ_CACHE_DIR", directory.resolve("cache").toString(),
                "FALAJ_LLAMA_LIB_DIR", libraries()),
            List.of(
                "up",
                "--json",
                "--model=" + model,
                "--kafka-port=0",
                "--registry-port=0",
                "--flink-port=0",
                "--partitions=2",
                "--slots=2",
                "--state-dir=" + state,
                "-Dfalaj.runtime.context-tokens=512"));
    List<ProcessHandle> children;
    try {
      JsonNode ready = new ObjectMapper().readTree(up.readLine());
      assertThat(ready.get("pid").asLong()).isEqualTo(up.pid());
      assertThat(ready.get("jobId").asText()).hasSize(32);
      assertThat(ready.get("topics")).hasSize(5);
      assertThat(StackDescription.running(state).orElseThrow().bootstrapServers())
          .isEqualTo(ready.get("bootstrapServers").asText());
      children = up.children();
      assertThat(children).hasSize(2);
    } finally {
      up.terminate();
    }

    assertThat(up.readLine()).as("one document only").isNull();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    assertThat(StackDescription.running(state)).isEmpty();
    assertThat(state.toFile().list()).containsExactly("lock");
    assertThat(temporary.toFile().list()).noneMatch(name -> name.contains("flink"));
  }

  private static String libraries() throws Exception {
    return NativeLibraries.fromEnvironment().locate(ProgressListener.NONE).folder().toString();
  }
}
