package ai.falaj.runtime.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReloadableRuntimeTest {

  private static final int MAX_HELD = 3;

  private final Supply supply = new Supply();
  private final List<RecordingListener> listeners = Collections.synchronizedList(new ArrayList<>());
  private ReloadableRuntime runtime;

  @AfterEach
  void endsEachRequestExactlyOnceAndLeavesNoThread() throws Exception {
    supply.gate.countDown();
    runtime.close();
    for (RecordingListener listener : listeners) {
      assertThat(listener.awaitEnd().violations()).isEmpty();
    }
    assertThat(supply.opened).allMatch(FakeRuntime::isClosed);
    await(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("falaj-held-model-")));
  }

  @Test
  void withMemoryForTwoRequestsInFlightEndOnTheModelTheyBeganWith() throws Exception {
    start(true);
    RecordingListener before = submit("before");
    first().step();
    Reloading reloading = new Reloading();
    await(() -> runtime.info().model().equals("model-2"));
    RecordingListener after = submit("after");
    assertThat(first().isClosed()).isFalse();
    assertThat(runtime.health().state()).isEqualTo(RuntimeHealth.State.READY);

    last().runUntilIdle();
    assertThat(servedBy(after)).isEqualTo("model-2");
    first().runUntilIdle();
    assertThat(servedBy(before)).isEqualTo("model-1");
    reloading.awaitSuccess();
    assertThat(first().isClosed()).isTrue();
  }

  @Test
  void aModelThatCannotBeLoadedChangesNothing() throws Exception {
    start(true);
    supply.failures.set(1);
    assertThatThrownBy(runtime::reload)
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("no good");
    RecordingListener next = submit("next");
    first().runUntilIdle();
    assertThat(servedBy(next)).isEqualTo("model-1");
    assertThat(runtime.health().state()).isEqualTo(RuntimeHealth.State.READY);
  }

  @Test
  void whatIsRefusedEarlyChangesNothing() throws Exception {
    start(false);
    supply.refusal = "the header is no good";
    assertThatThrownBy(runtime::reload).hasMessageContaining("the header is no good");
    assertThat(first().isClosed()).isFalse();
    assertThat(runtime.health().state()).isEqualTo(RuntimeHealth.State.READY);
  }

  @Test
  void withoutMemoryForTwoNewRequestsWaitUntilTheOldModelIsDrained() throws Exception {
    start(false);
    RecordingListener before = submit("before");
    Reloading reloading = new Reloading();
    await(() -> runtime.health().state() == RuntimeHealth.State.DRAINING);
    List<RecordingListener> held = List.of(submit("a"), submit("b"), submit("c"));
    assertThat(runtime.stats().requestsWaiting()).isGreaterThanOrEqualTo(3);
    assertThatThrownBy(() -> submit("one too many"))
        .isInstanceOf(GenerationException.class)
        .satisfies(
            failure ->
                assertThat(((GenerationException) failure).code())
                    .isEqualTo(RuntimeErrorCode.OVERLOADED));
    listeners.remove(listeners.size() - 1);
    assertThat(supply.opened).as("the second is not loaded yet").hasSize(1);

    first().runUntilIdle();
    reloading.awaitSuccess();
    assertThat(servedBy(before)).isEqualTo("model-1");
    assertThat(first().isClosed()).isTrue();
    assertThat(last().received())
        .extracting(GenerationRequest::requestId)
        .containsExactly("a", "b", "c");
    last().runUntilIdle();
    for (RecordingListener listener : held) {
      assertThat(servedBy(listener)).isEqualTo("model-2");
    }
    assertThat(runtime.health().state()).isEqualTo(RuntimeHealth.State.READY);
  }

  @Test
  void whatIsHeldGoesOnFromItsTokensWithTheNextModel() throws Exception {
    start(false);
    RecordingListener whole = submit("a");
    first().runUntilIdle();
    submit("before");
    Reloading reloading = new Reloading();
    await(() -> runtime.health().state() == RuntimeHealth.State.DRAINING);
    int cut = 2;
    TokenIds.Builder given = new TokenIds.Builder();
    given.addAll(whole.awaitEnd().tokens().subList(0, cut));
    RecordingListener held = new RecordingListener();
    runtime.submit(
        GenerationRequest.builder("a", new Prompt.Raw("hello a"))
            .sampling(SamplingParameters.builder().temperature(0).seed(1).maxTokens(8).build())
            .resumption(
                new Resumption(
                    Optional.of(FakeRuntime.SHA256),
                    List.of(new Resumption.Sample(given.view(), List.of()))))
            .build(),
        held);
    first().runUntilIdle();
    reloading.awaitSuccess();
    last().runUntilIdle();

    assertThat(servedBy(held)).isEqualTo("model-2");
    assertThat(held.tokens()).isEqualTo(whole.tokens());
    assertThat(held.violations()).isEmpty();
    assertThat(last().stats().resumedTokens()).isEqualTo(cut);
  }

  @Test
  void aLoadThatFailsAfterDrainingIsTriedAgainAndLosesNothing() throws Exception {
    start(false);
    supply.failures.set(2);
    RecordingListener before = submit("before");
    Reloading reloading = new Reloading();
    await(() -> runtime.health().state() == RuntimeHealth.State.DRAINING);
    RecordingListener held = submit("held");
    first().runUntilIdle();
    reloading.awaitSuccess();
    last().runUntilIdle();
    assertThat(servedBy(before)).isEqualTo("model-1");
    assertThat(servedBy(held)).isEqualTo("model-2");
  }

  @Test
  void withoutAnyModelWhatIsHeldMayBeTriedElsewhere() throws Exception {
    start(false);
    supply.failures.set(100);
    RecordingListener before = submit("before");
    Reloading reloading = new Reloading();
    await(() -> runtime.health().state() == RuntimeHealth.State.DRAINING);
    RecordingListener held = submit("held");
    first().runUntilIdle();
    assertThat(reloading.awaitFailure()).hasMessageContaining("no good");
    assertThat(before.result()).isNotNull();
    assertThat(held.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(held.failure().code().retryable()).isTrue();
    assertThat(runtime.health().state()).isEqualTo(RuntimeHealth.State.FAILED);
    assertThatThrownBy(() -> submit("late")).isInstanceOf(GenerationException.class);
    listeners.remove(listeners.size() - 1);
  }

  @Test
  void aHeldRequestThatIsCancelledEndsAtOnce() throws Exception {
    start(false);
    submit("before");
    Reloading reloading = new Reloading();
    await(() -> runtime.health().state() == RuntimeHealth.State.DRAINING);
    RecordingListener listener = new RecordingListener();
    GenerationHandle handle = runtime.submit(request("held", 2), listener);
    listeners.add(listener);
    handle.cancel();
    handle.cancel();
    assertThat(listener.awaitEnd().result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(listener.result().samples()).hasSize(2);
    RecordingListener kept = submit("kept");
    first().runUntilIdle();
    reloading.awaitSuccess();
    last().runUntilIdle();
    assertThat(last().received()).extracting(GenerationRequest::requestId).containsExactly("kept");
    assertThat(servedBy(kept)).isEqualTo("model-2");
    handle.cancel();
  }

  @Test
  void closingEndsAReloadThatIsDraining() throws Exception {
    start(false);
    RecordingListener before = submit("before");
    Reloading reloading = new Reloading();
    await(() -> runtime.health().state() == RuntimeHealth.State.DRAINING);
    RecordingListener held = submit("held");
    runtime.close();
    assertThat(before.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED);
    assertThat(held.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED);
    reloading.awaitEnd();
    assertThat(supply.opened).hasSize(1);
  }

  @Test
  void closingEndsAReloadThatIsLoadingAndClosesWhatItLoaded() throws Exception {
    for (boolean beside : new boolean[] {true, false}) {
      Supply slow = new Supply();
      slow.beside = beside;
      slow.gate = new CountDownLatch(1);
      ReloadableRuntime closing = new ReloadableRuntime(slow.openNow(), slow, MAX_HELD);
      runtime = closing;
      Reloading reloading = new Reloading();
      assertThat(slow.loading.await(10, TimeUnit.SECONDS)).isTrue();
      closing.close();
      reloading.awaitEnd();
      assertThat(slow.opened).allMatch(FakeRuntime::isClosed);
      assertThat(closing.health().state()).isEqualTo(RuntimeHealth.State.FAILED);
    }
  }

  @Test
  void countersGoOnAcrossModels() throws Exception {
    start(true);
    submit("one");
    first().runUntilIdle();
    long finished = runtime.stats().requestsFinished();
    long tokens = runtime.stats().generationTokens();
    assertThat(finished).isEqualTo(1);
    runtime.reload();
    assertThat(runtime.stats().requestsFinished()).isEqualTo(1);
    submit("two");
    last().runUntilIdle();
    assertThat(runtime.stats().requestsFinished()).isEqualTo(2);
    assertThat(runtime.stats().generationTokens()).isGreaterThan(tokens);
    runtime.close();
    assertThat(runtime.stats().requestsFinished()).isEqualTo(2);
  }

  /** Each of many requests ends once, with a result, on a model that was there. */
  @Test
  void reloadsUnderLoadLoseNothing() throws Exception {
    Supply busy = new Supply();
    busy.threaded = true;
    runtime = new ReloadableRuntime(busy.openNow(), busy, 10_000);
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> submitters = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 4; i++) {
      String name = "s" + i + "-";
      Thread thread =
          new Thread(
              () -> {
                for (int n = 0; !stop.get(); n++) {
                  try {
                    submit(name + n).awaitFirstTokens();
                  } catch (Exception | AssertionError e) {
                    failures.add(e);
                    return;
                  }
                }
              });
      thread.start();
      submitters.add(thread);
    }
    for (int reload = 0; reload < 20; reload++) {
      busy.beside = reload % 2 == 0;
      int before = listeners.size();
      await(() -> listeners.size() > before + 8);
      runtime.reload();
    }
    stop.set(true);
    for (Thread thread : submitters) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(busy.opened).hasSize(21);
    for (RecordingListener listener : listeners) {
      assertThat(listener.awaitEnd().result().servedBy()).isPresent();
      assertThat(listener.result().finishReason()).isEqualTo(FinishReason.STOP);
    }
    // The step that ends a request publishes its counters after the listener has heard of it.
    await(() -> runtime.stats().requestsFinished() == listeners.size());
    runtime.close();
    assertThat(busy.opened).allMatch(FakeRuntime::isClosed);
  }

  private void start(boolean beside) {
    supply.beside = beside;
    runtime = new ReloadableRuntime(supply.openNow(), supply, MAX_HELD);
  }

  private FakeRuntime first() {
    return supply.opened.get(0);
  }

  private FakeRuntime last() {
    return supply.opened.get(supply.opened.size() - 1);
  }

  private RecordingListener submit(String id) throws GenerationException {
    RecordingListener listener = new RecordingListener();
    listeners.add(listener);
    runtime.submit(request(id, 1), listener);
    return listener;
  }

  private static GenerationRequest request(String id, int samples) {
    return GenerationRequest.builder(id, new Prompt.Raw("hello " + id))
        .sampling(SamplingParameters.greedy(8))
        .samples(samples)
        .build();
  }

  /** The model that the result names; the listener heard of it before the first token. */
  private static String servedBy(RecordingListener listener) throws InterruptedException {
    RuntimeInfo servedBy = listener.awaitEnd().result().servedBy().orElseThrow();
    assertThat(listener.servedBy()).hasValue(servedBy);
    return servedBy.model();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it came within 30 s").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  /** A reload in a thread of its own. */
  private final class Reloading {
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Thread thread;

    Reloading() {
      thread =
          new Thread(
              () -> {
                try {
                  runtime.reload();
                  end.complete(null);
                } catch (RuntimeLoadException | InterruptedException | RuntimeException e) {
                  end.completeExceptionally(e);
                }
              },
              "test-reload");
      thread.start();
    }

    void awaitSuccess() throws Exception {
      end.get(30, TimeUnit.SECONDS);
    }

    Throwable awaitFailure() throws Exception {
      awaitEnd();
      assertThat(end).isCompletedExceptionally();
      return end.handle((nothing, failure) -> failure).get();
    }

    void awaitEnd() throws InterruptedException {
      thread.join(30_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  /** Numbers its models from 1. */
  private static final class Supply implements ModelSupply {
    final List<FakeRuntime> opened = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger failures = new AtomicInteger();
    final CountDownLatch loading = new CountDownLatch(1);
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile boolean beside = true;
    volatile boolean threaded;
    volatile String refusal;

    FakeRuntime openNow() {
      FakeRuntimeSpec.Builder spec = FakeRuntimeSpec.builder("model-" + (opened.size() + 1));
      if (threaded) {
        spec.stepDelay(Duration.ofNanos(200_000));
      } else {
        spec.drivenByTest();
      }
      FakeRuntime runtime = new FakeRuntime(spec.build());
      opened.add(runtime);
      return runtime;
    }

    @Override
    public ModelRuntime open() throws RuntimeLoadException {
      loading.countDown();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RuntimeLoadException("interrupted while it was loading", e);
      }
      if (failures.getAndDecrement() > 0) {
        throw new RuntimeLoadException("the new model is no good");
      }
      return openNow();
    }

    @Override
    public boolean fitsBeside() throws RuntimeLoadException {
      if (refusal != null) {
        throw new RuntimeLoadException(refusal);
      }
      return beside;
    }
  }
}
