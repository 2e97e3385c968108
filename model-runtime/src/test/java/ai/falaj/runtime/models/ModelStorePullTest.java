package ai.falaj.runtime.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ModelStorePullTest extends PullFixture {

  @Test
  void pullsAndFindsAndPullsOnlyOnce() throws Exception {
    ModelStore store = store(pinned(sum));
    PulledModel pulled = store.pull("tiny", progress);

    assertThat(pulled.sha256()).isEqualTo(sum);
    assertThat(pulled.checksum()).isEqualTo(PulledModel.Checksum.PINNED);
    assertThat(pulled.source()).isEqualTo("127.0.0.1");
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(store.resolve("TINY:f32")).isEqualTo(pulled.file());
    assertThat(store.sha256(pulled.file())).isEqualTo(sum);
    assertThat(progress.events.get(0)).isEqualTo("started tiny:F32");
    assertThat(progress.progress.get(progress.progress.size() - 1)).isEqualTo(content.length);
    assertOnlyModelAndLockRemain(pulled.file());

    assertThat(store.pull("tiny:F32", progress).source()).isEqualTo("the cache");
    assertThat(hub.requests)
        .containsExactly(
            "/owner/tiny/resolve/main/tiny.gguf range=null auth=null",
            "/storage range=null auth=null");
  }

  @Test
  void continuesAfterACutConnection() throws Exception {
    hub.cutOnceAfter(200_000);
    hub.cutOnceAfter(100_000);
    PulledModel pulled = store(pinned(sum)).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(storageRanges()).hasSize(3).startsWith("null");
    assertThat(storageRanges().get(1)).matches("bytes=[1-9]\\d*-");
    assertThat(waits).hasSize(2).allMatch(wait -> wait.toMillis() <= 120);
  }

  @Test
  void continuesWhatAnEarlierRunLeft() throws Exception {
    for (int i = 0; i < RETRIES.attempts(); i++) {
      hub.cutOnceAfter(i == 0 ? 200_000 : 0);
    }
    ModelException e = failure(store(pinned(sum)));
    assertThat(e).hasMessageContaining("127.0.0.1").hasMessageContaining("HF_ENDPOINT");

    PulledModel pulled = store(pinned(sum)).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(storageRanges().get(storageRanges().size() - 1)).isEqualTo("bytes=200000-");
  }

  @Test
  void takesAFileThatWasWholeWhenTheLastRunStopped() throws Exception {
    leavePart(content, "etag \"v1\"");
    PulledModel pulled = store(pinned(sum)).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(storageRanges()).containsExactly("bytes=" + content.length + "-");
  }

  @Test
  void startsOverWhenTheFileThereHasChanged() throws Exception {
    leavePart(Arrays.copyOf(content, 1000), "etag \"v0\"");
    PulledModel pulled = store(pinned(sum)).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(storageRanges()).containsExactly("bytes=1000-");
  }

  @Test
  void startsOverWhenWhatIsThereIsDamaged() throws Exception {
    leavePart(new byte[1000], "etag \"v1\"");
    PulledModel pulled = store(pinned(sum)).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(progress.notes()).contains("starting over");
  }

  @Test
  void startsOverFromAServerWithoutRanges() throws Exception {
    hub.ranges = false;
    hub.cutOnceAfter(200_000);
    PulledModel pulled = store(pinned(sum)).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
  }

  @Test
  void continuesByHuggingFacesOwnTagWhereTheStorageHasNone() throws Exception {
    hub.etag = null;
    hub.linkedEtag = sum;
    hub.cutOnceAfter(200_000);
    PulledModel pulled = store(unpinned()).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(storageRanges()).hasSize(2);
    assertThat(storageRanges().get(1)).startsWith("bytes=");
  }

  @Test
  void comparesWithThePublishedSumWhereNoneIsPinned() throws Exception {
    hub.linkedEtag = sum;
    PulledModel pulled = store(unpinned()).pull("tiny", progress);
    assertThat(pulled.checksum()).isEqualTo(PulledModel.Checksum.PUBLISHED);
    assertThat(progress.notes()).contains("the one that 127.0.0.1 publishes: " + sum);
  }

  @Test
  void writesTheSumDownWhereNoneIsPublished() throws Exception {
    PulledModel pulled = store(unpinned()).pull("tiny", progress);
    assertThat(pulled.checksum()).isEqualTo(PulledModel.Checksum.RECORDED);
    assertThat(pulled.sha256()).isEqualTo(sum);
    assertThat(progress.notes()).contains("publishes no SHA-256");
  }

  @Test
  void keepsNothingWithAWrongSum() throws Exception {
    String other = "0".repeat(64);
    assertThat(failure(store(pinned(other))))
        .hasMessageContaining(sum)
        .hasMessageContaining(other)
        .hasMessageContaining("was not kept");
    assertOnlyLockRemains();

    hub.linkedEtag = other;
    assertThat(failure(store(unpinned()))).hasMessageContaining("was not kept");
    assertOnlyLockRemains();
  }

  @Test
  void keepsNothingThatIsNoModel() throws Exception {
    hub.content = "<!DOCTYPE html><html>Sign in to the hotel's network</html>".getBytes();
    assertThat(failure(store(unpinned()))).hasMessageContaining("web page");
    assertOnlyLockRemains();

    assertThat(failure(store(pinned(sum)))).hasMessageContaining("58 bytes and not of");
    assertOnlyLockRemains();
  }

  @Test
  void looksUpTheFileNameWhereItIsNotKnown() throws Exception {
    hub.list =
        """
        [{"type":"directory","path":"F32.gguf"},
         {"type":"file","path":"Tiny.Q8_0.gguf"},
         {"type":"file","path":"Tiny.f32-00001-of-00002.gguf"},
         {"type":"file","path":"My Tiny.f32.gguf","size":5}]
        """;
    CatalogueFile file = file(Optional.empty(), Optional.empty(), Optional.empty());
    store(file).pull("tiny", progress);
    assertThat(hub.requests.get(0)).startsWith("/api/models/owner/tiny/tree/main ");
    assertThat(hub.requests.get(1)).startsWith("/owner/tiny/resolve/main/My%20Tiny.f32.gguf ");
  }

  @Test
  void saysWhatThereIsWhereTheQuantizationIsGone() {
    hub.list = "[{\"type\":\"file\",\"path\":\"Tiny.Q8_0.gguf\"}]";
    CatalogueFile file = file(Optional.empty(), Optional.empty(), Optional.empty());
    assertThat(failure(store(file)))
        .hasMessageContaining("no F32 file now")
        .hasMessageContaining("Tiny.Q8_0.gguf");
    hub.list = "<html>";
    assertThat(failure(store(file))).hasMessageContaining("no JSON");
  }

  @Test
  void waitsAsLongAsTheServerAsks() throws Exception {
    hub.answerOnceWith(429, "7");
    hub.answerOnceWith(503, "3600");
    store(pinned(sum)).pull("tiny", progress);
    assertThat(waits)
        .as("the second is bounded by the policy")
        .containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(30));
    assertThat(progress.notes()).contains("status 429").contains("status 503");
  }

  @Test
  void givesUpOnAServerThatOnlyFails() {
    for (int i = 0; i < RETRIES.attempts(); i++) {
      hub.answerOnceWith(500, null);
    }
    assertThat(failure(store(pinned(sum)))).hasMessageContaining("status 500");
    assertThat(waits).hasSize(RETRIES.attempts() - 1);
  }

  @Test
  void doesNotAskAgainForWhatIsRefused() {
    hub.answerOnceWith(404, null);
    assertThat(failure(store(pinned(sum)))).hasMessageContaining("no such file");
    hub.answerOnceWith(401, null);
    assertThat(failure(store(pinned(sum)))).hasMessageContaining("set HF_TOKEN");
    token = Optional.of(TOKEN);
    hub.answerOnceWith(403, null);
    ModelException e = failure(store(pinned(sum)));
    assertThat(e).hasMessageContaining("accept the model's terms");
    assertThat(e.getMessage()).doesNotContain(TOKEN);
    assertThat(waits).isEmpty();
  }

  @Test
  void sendsTheTokenToTheEndpointOnly() throws Exception {
    token = Optional.of(TOKEN);
    store(pinned(sum)).pull("tiny", progress);
    assertThat(hub.requests.get(0)).endsWith("auth=Bearer " + TOKEN);
    assertThat(hub.requests.get(1)).endsWith("auth=null");
    assertThat(progress.events).noneMatch(event -> event.contains(TOKEN));
  }

  @Test
  void continuesWhenAConnectionBringsNothingMore() throws Exception {
    hub.stallOnceAfter(200_000);
    PulledModel pulled = store(pinned(sum)).pull("tiny", progress);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(progress.notes()).contains("nothing came for 1 s");
  }

  @Test
  void startsNoDownloadThatWillNotFit() throws Exception {
    diskSpace = file -> 200_000_000;
    assertThat(failure(store(pinned(sum))))
        .hasMessageContaining("GB are needed")
        .hasMessageContaining("has 0.2 GB free")
        .hasMessageContaining("FALAJ_CACHE_DIR");
    assertOnlyLockRemains();
  }

  @Test
  void pullsOnceForManyAtTheSameTime() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      List<Future<PulledModel>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(executor.submit(() -> store(pinned(sum)).pull("tiny", progress)));
      }
      for (Future<PulledModel> one : all) {
        assertThat(one.get().sha256()).isEqualTo(sum);
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(storageRanges()).hasSize(1);
  }

  @Test
  void pullsAgainWhatWasDamaged() throws Exception {
    ModelStore store = store(pinned(sum));
    Path file = store.pull("tiny", progress).file();
    Files.write(file, Arrays.copyOf(content, 1000));
    assertThat(store.pull("tiny", progress).sha256()).isEqualTo(sum);
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
    assertThat(progress.notes()).contains("damaged");
  }

  @Test
  void leavesWhatItHasWhenItIsInterrupted() throws Exception {
    hub.stallOnceAfter(200_000);
    Thread puller = Thread.currentThread();
    Thread interrupter =
        new Thread(
            () -> {
              while (progress.progress.stream().noneMatch(bytes -> bytes >= 200_000)) {
                Thread.onSpinWait();
              }
              puller.interrupt();
            });
    interrupter.start();
    assertThat(
            catchThrowableOfType(
                InterruptedException.class, () -> store(pinned(sum)).pull("tiny", progress)))
        .isNotNull();
    interrupter.join();

    store(pinned(sum)).pull("tiny", progress);
    assertThat(storageRanges()).containsExactly("null", "bytes=200000-");
  }

  private CatalogueFile unpinned() {
    return file(Optional.of("tiny.gguf"), Optional.empty(), Optional.empty());
  }

  private void leavePart(byte[] bytes, String validator) throws IOException {
    Path model = folder.resolve("cache/models/tiny");
    Files.createDirectories(model);
    Files.write(model.resolve("tiny-F32.gguf.part"), bytes);
    Files.writeString(model.resolve("tiny-F32.gguf.part.validator"), validator);
  }
}
