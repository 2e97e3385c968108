package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.llamacpp.ffi.WarmUp;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading a model: what is heard of it, how it is ended, what it leaves. */
class LoadIT {

  @TempDir static Path directory;

  private static Path model;

  @BeforeAll
  static void write() throws Exception {
    model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 7);
  }

  @Test
  void tellsHowFarItGot() throws Exception {
    Heard heard = new Heard();
    try (ModelRuntime runtime = spec("told").open(heard)) {
      assertThat(runtime.info().devices()).anyMatch(device -> device.startsWith("CPU"));
      assertThat(runtime.info().gpuLayers()).isZero();
    }
    long total = GgufHeader.read(model).tensorBytes();
    assertThat(heard.total).isEqualTo(total);
    assertThat(heard.bytes).isSorted().contains(0L).endsWith(total);
    assertThat(heard.finished).isEqualTo(1);
  }

  @Test
  void anInterruptedLoadEndsAndLeavesNothing() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Heard slow =
        new Heard() {
          @Override
          public void progressed(long bytes) {
            loading.countDown();
            awaitOnce(interrupted);
            super.progressed(bytes);
          }
        };
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                spec("ended").open(slow).close();
              } catch (RuntimeLoadException e) {
                failure.set(e);
              }
            });
    caller.start();
    assertThat(loading.await(20, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    caller.join(20_000);
    interrupted.countDown();
    assertThat(failure.get()).hasMessageContaining("interrupted while model ended");
    awaitNoThread("falaj-decode-ended");
    assertThat(slow.finished).as("it was given up").isZero();
    spec("ended").open().close();
  }

  @Test
  void aLoadThatIsEndedSaysSo() throws Exception {
    LlamaBackend backend = LlamaFixture.backend();
    assertThatThrownBy(
            () -> LlamaModel.load(backend, new ModelSource(model, OptionalInt.of(0), f -> false)))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("was ended");
  }

  @Test
  void warmingUpLeavesNoTokenBehind() throws Exception {
    LlamaBackend backend = LlamaFixture.backend();
    GgufHeader header = GgufHeader.read(model);
    try (LlamaModel loaded = LlamaModel.load(backend, new ModelSource(model, OptionalInt.of(0)));
        LlamaContext cold =
            LlamaContext.create(loaded, ContextPlan.settings(spec("cold"), header));
        LlamaContext warm =
            LlamaContext.create(loaded, ContextPlan.settings(spec("warm"), header));
        TokenBatch batch = new TokenBatch(8)) {
      assertThat(WarmUp.run(warm, batch, 8)).isPositive();
      assertThat(logits(warm, batch)).containsExactly(logits(cold, batch));
    }
  }

  private static float[] logits(LlamaContext context, TokenBatch batch) {
    batch.clear();
    batch.add(70, 0, 0, false);
    batch.add(71, 1, 0, true);
    assertThat(context.decode(batch)).isZero();
    return context.logits(0).clone();
  }

  private static LlamaCppSpec spec(String name) {
    return LlamaCppSpec.builder(model.toString())
        .model(name)
        .threads(1)
        .maxSequences(2)
        .contextTokensPerSequence(256)
        .build();
  }

  private static void awaitOnce(CountDownLatch latch) {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitNoThread(String name) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(name))) {
      assertThat(System.nanoTime()).as(name + " is gone").isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  private static class Heard implements ProgressListener {
    final List<Long> bytes = Collections.synchronizedList(new ArrayList<>());
    volatile long total;
    volatile int finished;

    @Override
    public void started(String what, OptionalLong totalBytes) {
      total = totalBytes.orElse(0);
    }

    @Override
    public void progressed(long done) {
      bytes.add(done);
    }

    @Override
    public void finished() {
      finished++;
    }

    @Override
    public void note(String text) {
      throw new AssertionError("nothing to note, but: " + text);
    }
  }
}
