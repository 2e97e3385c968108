package ai.falaj.runtime.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.runtime.files.CacheDirectory;
import ai.falaj.runtime.files.Sha256;
import ai.falaj.runtime.progress.ProgressListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {

  @TempDir Path folder;
  private ModelStore store;

  @BeforeEach
  void openStore() {
    store =
        new ModelStore(
            new ModelStore.Environment(
                ModelCatalogue.bundled(),
                folder,
                new HuggingFace(HuggingFace.DEFAULT_ENDPOINT, Optional.empty()),
                "",
                RetryPolicy.DEFAULT,
                DiskSpace.OPERATING_SYSTEM,
                duration -> {}));
  }

  @Test
  void resolvesPathsAsTheyAre() throws Exception {
    Path file = Files.createFile(folder.resolve("my.gguf"));
    assertThat(store.resolve(file.toString())).isEqualTo(file.toAbsolutePath());
    assertThat(failure(folder.resolve("other.gguf").toString()))
        .hasMessageContaining("does not exist");
    assertThat(failure(folder.toString())).hasMessageContaining("is a folder");
    assertThat(failure("other.GGUF")).hasMessageContaining("does not exist");
  }

  @Test
  void saysHowToGetWhatIsNotHere() throws Exception {
    assertThat(failure("k2-think"))
        .hasMessageContaining("get it with: falaj model pull k2-think")
        .message()
        .doesNotContain("here are");
    place("k2-think/k2-think-Q8_0.gguf");
    assertThat(failure("LLM360/K2-Think:q6_k"))
        .hasMessageContaining("falaj model pull k2-think:Q6_K")
        .hasMessageContaining("here are: k2-think:Q8_0");
    assertThat(store.resolve("k2-think:q8_0")).hasFileName("k2-think-Q8_0.gguf");
  }

  @Test
  void saysWhatThereIsForAnUnknownName() {
    assertThat(failure("gpt-5"))
        .hasMessageContaining("no model 'gpt-5'")
        .hasMessageContaining("k2-think, qwen2.5-0.5b-instruct, smollm2-135m-instruct");
    assertThat(failure("smollm2:Q9"))
        .hasMessageContaining("no quantization 'Q9'")
        .hasMessageContaining("Q4_1");
  }

  @Test
  void pullsNoPaths() {
    assertThatThrownBy(() -> store.pull("./my.gguf", ProgressListener.NONE))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("is a path");
  }

  @Test
  void hashesAFileOnceUntilItChanges() throws Exception {
    Path file = folder.resolve("my.gguf");
    FileTime time = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    Files.writeString(file, "one");
    Files.setLastModifiedTime(file, time);
    String one = store.sha256(file);
    assertThat(one).isEqualTo(Sha256.ofFile(file));

    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, time);
    assertThat(store.sha256(file)).as("same path, size and time").isEqualTo(one);

    Files.setLastModifiedTime(file, FileTime.from(time.toInstant().plusMillis(1)));
    assertThat(store.sha256(file)).isEqualTo(Sha256.ofFile(file)).isNotEqualTo(one);
  }

  @Test
  void bundlesACatalogueThatHoldsTogether() throws Exception {
    ModelCatalogue catalogue = ModelCatalogue.bundled();
    ModelReference demo = catalogue.reference(ModelCatalogue.DEMO_MODEL);
    assertThat(demo.id()).isEqualTo("smollm2-135m-instruct:Q4_1");
    assertThat(demo.file().bytes()).isEqualTo(98_362_432);
    assertThat(demo.file().wheel()).isPresent();

    CatalogueModel k2 = catalogue.find("LLM360/K2-Think").orElseThrow();
    assertThat(k2.files()).extracting(CatalogueFile::quantization).contains("Q4_K_M", "Q8_0");
    assertThat(k2.files()).allMatch(CatalogueFile::approximate);
    assertThat(k2.estimatedMemoryBytes(k2.defaultFile(), 16, 8192))
        .isEqualTo(k2.defaultFile().bytes() + 16L * 8192 * 262_144);

    List<String> names =
        catalogue.models().stream()
            .flatMap(model -> Stream.concat(Stream.of(model.name()), model.aliases().stream()))
            .toList();
    assertThat(names).doesNotHaveDuplicates();
    for (CatalogueModel model : catalogue.models()) {
      assertThat(model.files()).extracting(CatalogueFile::bytes).isSorted();
      assertThat(model.files())
          .as("exact sizes come with a name and a sum: " + model.name())
          .allMatch(f -> f.approximate() || f.remoteName().isPresent() && f.sha256().isPresent());
    }
  }

  @Test
  void readsItsEnvironment() throws Exception {
    assertThat(CacheDirectory.locate(Map.of("FALAJ_CACHE_DIR", "/x/../y")))
        .isEqualTo(Path.of("/y"));
    assertThat(CacheDirectory.locate(Map.of("FALAJ_CACHE_DIR", " ")))
        .endsWith(Path.of(".cache/falaj"));
    HuggingFace mirror =
        HuggingFace.of(Map.of("HF_ENDPOINT", "https://mirror.test/hf/", "HF_TOKEN", "secret"));
    assertThat(mirror.toString()).isEqualTo("https://mirror.test/hf");
    assertThat(HuggingFace.of(Map.of()).toString()).isEqualTo("https://huggingface.co");
    assertThatThrownBy(() -> HuggingFace.of(Map.of("HF_ENDPOINT", "mirror.test")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("HF_ENDPOINT is 'mirror.test'");
    assertThatThrownBy(() -> HuggingFace.of(Map.of("HF_ENDPOINT", "http://a b")))
        .isInstanceOf(ModelException.class);
  }

  @Test
  void readsRetryAfterInBothForms() {
    Instant now = Instant.parse("2026-11-23T10:00:00Z");
    RetryPolicy policy = RetryPolicy.DEFAULT;
    assertThat(policy.delay(1, Optional.of("5"), now)).isEqualTo(Duration.ofSeconds(5));
    assertThat(policy.delay(1, Optional.of("Mon, 23 Nov 2026 10:00:20 GMT"), now))
        .isEqualTo(Duration.ofSeconds(20));
    assertThat(policy.delay(1, Optional.of("Mon, 23 Nov 2026 09:00:00 GMT"), now)).isZero();
    assertThat(policy.delay(3, Optional.of("soon"), now))
        .isBetween(Duration.ofMillis(3200), Duration.ofMillis(4800));
    assertThat(policy.delay(100, Optional.empty(), now)).isEqualTo(policy.maxDelay());
  }

  private void place(String path) throws Exception {
    Path file = folder.resolve("models").resolve(path);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
  }

  private ModelException failure(String nameOrPath) {
    return catchThrowableOfType(ModelException.class, () -> store.resolve(nameOrPath));
  }
}
