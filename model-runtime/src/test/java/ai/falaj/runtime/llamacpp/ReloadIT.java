package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.files.Sha256;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model's file is replaced again and again while requests come all the time. */
class ReloadIT {

  private static final int RELOADS = 3;
  private static final String NAME = "tiny-reload";
  private static final Prompt PROMPT = new Prompt.Raw("the river and the field");

  @TempDir Path directory;

  @Test
  void replacingTheFileUnderLoadLosesNothingAndTellsWhoAnswered() throws Exception {
    Path file = TinyModels.writeQwen2(directory.resolve("model.gguf"), 0);
    Map<String, String> answerOf = new HashMap<>();
    answerOf.put(Sha256.ofFile(file), answerOf(file));
    List<RecordingListener> listeners = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean stop = new AtomicBoolean();
    try (ModelRuntime runtime = LlamaReload.open(spec(file), ProgressListener.NONE, interval())) {
      Thread submitter = new Thread(() -> submitUntil(stop, runtime, listeners));
      submitter.start();
      for (int reload = 1; reload <= RELOADS; reload++) {
        Path next = TinyModels.writeQwen2(directory.resolve("next.gguf"), reload);
        String sha256 = Sha256.ofFile(next);
        answerOf.put(sha256, answerOf(next));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        awaitTrue(() -> runtime.info().modelSha256().equals(Optional.of(sha256)), "it serves");
        int before = listeners.size();
        awaitTrue(() -> listeners.size() >= before + 10, "requests go on");
      }
      stop.set(true);
      submitter.join();
      Set<String> answered = new HashSet<>();
      for (RecordingListener listener : List.copyOf(listeners)) {
        assertThat(listener.awaitEnd().violations()).isEmpty();
        assertThat(listener.result().finishReason()).isEqualTo(FinishReason.LENGTH);
        String sha256 = listener.result().servedBy().orElseThrow().modelSha256().orElseThrow();
        assertThat(listener.answer()).isEqualTo(answerOf.get(sha256));
        answered.add(sha256);
      }
      assertThat(answered).hasSizeGreaterThanOrEqualTo(RELOADS);
      // The step that ends a request publishes its counters after the listener has heard of it.
      awaitTrue(() -> runtime.stats().requestsFinished() == listeners.size(), "all are counted");
      assertThat(runtime.health().state()).isEqualTo(RuntimeHealth.State.READY);
      assertThat(runtime.health().sinceLastStep()).isPresent();
      // A model that has answered its last request is closed a moment later.
      awaitTrue(() -> threads("falaj-decode-" + NAME) == 1, "only one model is left");
    }
    assertThat(threads("falaj-decode-" + NAME)).isZero();
    assertThat(threads("falaj-model-watch-")).isZero();
  }

  /** A context of 268 MB would be seen if one load of twelve left it behind; heaps grow by less. */
  @Test
  void reloadingLeavesNoNativeMemoryBehind() throws Exception {
    Path file = TinyModels.writeQwen2(directory.resolve("model.gguf"), 0);
    LlamaCppSpec spec =
        LlamaCppSpec.builder(file.toString())
            .model(NAME)
            .maxSequences(256)
            .contextTokensPerSequence(4096)
            .threads(1)
            .build();
    openAndClose(spec, 2);
    long before = residentBytes();
    openAndClose(spec, 12);
    assertThat(residentBytes() - before).isLessThan(200_000_000);
  }

  private static void openAndClose(LlamaCppSpec spec, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      try (ModelRuntime runtime = spec.open()) {
        assertThat(runtime.info().residentBytes()).isGreaterThan(268_000_000);
      }
    }
  }

  private static void submitUntil(
      AtomicBoolean stop, ModelRuntime runtime, List<RecordingListener> listeners) {
    Semaphore inFlight = new Semaphore(6);
    for (int n = 0; !stop.get(); n++) {
      try {
        inFlight.acquire();
        RecordingListener listener = new RecordingListener();
        runtime.submit(request("r" + n), listener);
        listeners.add(listener);
        Thread waiter =
            new Thread(
                () -> {
                  try {
                    listener.awaitEnd();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } finally {
                    inFlight.release();
                  }
                });
        waiter.setDaemon(true);
        waiter.start();
      } catch (Exception e) {
        throw new AssertionError("request " + n + " was refused", e);
      }
    }
  }

  private static String answerOf(Path file) throws Exception {
    try (ModelRuntime alone = LlamaCppRuntime.open(spec(file), ProgressListener.NONE)) {
      RecordingListener listener = new RecordingListener();
      alone.submit(request("alone"), listener);
      listener.awaitEnd().result();
      return listener.answer();
    }
  }

  private static GenerationRequest request(String id) {
    return GenerationRequest.of(id, PROMPT, SamplingParameters.greedy(12));
  }

  private static LlamaCppSpec spec(Path file) {
    return LlamaCppSpec.builder(file.toString())
        .model(NAME)
        .maxSequences(4)
        .contextTokensPerSequence(256)
        .threads(1)
        .build();
  }

  private static Duration interval() {
    return Duration.ofMillis(20);
  }

  private static void awaitTrue(BooleanSupplier condition, String what)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private static long threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(prefix))
        .count();
  }

  private static long residentBytes() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
          .findFirst()
          .orElseThrow();
    }
  }
}
