package ai.falaj.benchmarks.soak;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether an idle runtime still has all its slots: as many generations as it says it can run must
 * have a token each before any of them ends. Confined to one thread.
 */
final class SlotProbe {

  private static final long LIMIT_SECONDS = 120;

  private final ModelRuntime runtime;

  SlotProbe(ModelRuntime runtime) {
    this.runtime = runtime;
  }

  /** What is wrong, in words. */
  Optional<String> run() throws InterruptedException {
    int slots = runtime.info().maxSequences();
    CountDownLatch started = new CountDownLatch(slots);
    CountDownLatch ended = new CountDownLatch(slots);
    AtomicReference<String> wrong = new AtomicReference<>();
    List<GenerationHandle> handles = new ArrayList<>();
    try {
      for (int slot = 0; slot < slots; slot++) {
        handles.add(runtime.submit(request(slot), new Listener(started, ended, wrong)));
      }
    } catch (GenerationException e) {
      return Optional.of("an idle runtime refuses a request: " + e.getMessage());
    }
    if (!started.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      wrong.compareAndSet(
          null, "%d of %d slots take no request".formatted(started.getCount(), slots));
    }
    handles.forEach(GenerationHandle::cancel);
    if (!ended.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      wrong.compareAndSet(null, ended.getCount() + " cancelled requests do not end");
    }
    return Optional.ofNullable(wrong.get());
  }

  /** As long as the context bears it, so that the first is still there when the last starts. */
  private GenerationRequest request(int slot) {
    return GenerationRequest.builder("slot-" + slot, new Prompt.Raw("slot " + slot))
        .sampling(SamplingParameters.greedy(runtime.info().contextTokensPerSequence()))
        .ignoreEndOfSequence()
        .build();
  }

  /** Called by the runtime's thread alone. */
  private static final class Listener implements GenerationListener {
    private final CountDownLatch started;
    private final CountDownLatch ended;
    private final AtomicReference<String> wrong;
    private boolean counted;

    Listener(CountDownLatch started, CountDownLatch ended, AtomicReference<String> wrong) {
      this.started = started;
      this.ended = ended;
      this.wrong = wrong;
    }

    @Override
    public void onTokens(TokenDelta delta) {
      if (!counted) {
        counted = true;
        started.countDown();
      }
    }

    @Override
    public void onFinished(GenerationResult result) {
      if (started.getCount() > 0) {
        wrong.compareAndSet(null, "a slot was not free: a request ended before all had a token");
      }
      ended.countDown();
    }

    @Override
    public void onFailed(GenerationException failure) {
      wrong.compareAndSet(null, "a plain request failed: " + failure.getMessage());
      ended.countDown();
    }
  }
}
