package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.llamacpp.crash.CrashJournal;
import ai.falaj.runtime.llamacpp.crash.CrashLedger;
import ai.falaj.runtime.llamacpp.crash.CurrentStep;
import ai.falaj.runtime.llamacpp.sampling.TokenConstraint;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.testing.RecordingListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A {@link DecodeLoop} with everything around it but llama.cpp, on a clock that is set by hand. A
 * test drives it turn by turn, or on a thread of its own.
 */
final class EngineFixture {

  static final int CONTEXT_TOKENS = 256;
  static final String SHA256 = "5".repeat(64);
  static final List<String> ADAPTERS = List.of("law", "medicine");

  /** More turns than any test needs: one that never ends fails here. */
  private static final int MOST_TURNS = 20_000;

  final FakeLanguage language = new FakeLanguage();
  final FakeStepExecutor executor;
  final Speculator speculator;
  final DecodeLoop loop;
  final AtomicLong nowMs = new AtomicLong(1_000_000);
  final CurrentStep step = new CurrentStep();
  final CrashLedger ledger;
  private final Map<RecordingListener, Long> ids = new HashMap<>();
  private LongSupplier clock = nowMs::get;
  private int openConstraints;

  EngineFixture(SchedulerConfig config, Speculator speculator, int maxWaiting) {
    this(config, speculator, maxWaiting, Optional.empty());
  }

  /**
   * @param journal of crashes of other processes
   */
  EngineFixture(
      SchedulerConfig config,
      Speculator speculator,
      int maxWaiting,
      Optional<CrashJournal> journal) {
    this.ledger = new CrashLedger(journal, () -> clock.getAsLong());
    this.executor = new FakeStepExecutor(language, config, ADAPTERS);
    this.speculator = speculator;
    RequestPreparer preparer =
        new RequestPreparer(
            "fake",
            config.contextTokensPerSequence(),
            ADAPTERS,
            new PromptEncoder(language.tokens(), Optional.empty()),
            new Samplers(language.tokens(), false, grammar -> new OpenConstraint()),
            new Resumer(Optional.of(SHA256), language.tokens()));
    this.loop =
        new DecodeLoop(
            new RequestInbox(maxWaiting),
            config.kvTokens(),
            new Scheduler(config),
            executor,
            preparer,
            speculator,
            new Quarantine(ledger, step),
            language.tokens(),
            () -> clock.getAsLong());
  }

  EngineFixture(SchedulerConfig.Builder config) {
    this(config.build(), Speculator.off(), 1_000);
  }

  /** Slots that each hold {@link #CONTEXT_TOKENS}. */
  static SchedulerConfig.Builder slots(int count) {
    return SchedulerConfig.builder(count, CONTEXT_TOKENS).prefillStretch(Double.POSITIVE_INFINITY);
  }

  static EngineFixture ofSlots(int count) {
    return new EngineFixture(slots(count));
  }

  /** A greedy request whose prompt is a number of words that depend on {@code number}. */
  static GenerationRequest.Builder request(int number, int promptTokens, int maxTokens) {
    List<Integer> prompt = new ArrayList<>();
    for (int index = 0; index < promptTokens; index++) {
      prompt.add((number * 7 + index * (1 + number % 5)) % 24);
    }
    return GenerationRequest.builder("request-" + number, new Prompt.Tokens(prompt))
        .sampling(SamplingParameters.greedy(maxTokens));
  }

  /** The same, at temperature 1. */
  static GenerationRequest.Builder seeded(int number, int promptTokens, int maxTokens, long seed) {
    return request(number, promptTokens, maxTokens)
        .sampling(SamplingParameters.builder().maxTokens(maxTokens).seed(seed).build());
  }

  /** Any thread. */
  RecordingListener submit(GenerationRequest.Builder request) throws GenerationException {
    RecordingListener listener = new RecordingListener();
    submit(request, listener, listener);
    return listener;
  }

  /**
   * @param heard who hears of it
   * @param key for {@link #cancel}
   */
  synchronized void submit(
      GenerationRequest.Builder request, GenerationListener heard, RecordingListener key)
      throws GenerationException {
    long id = ids.size() + 1;
    loop.inbox().submit(new Generation(id, request.build(), heard, System.nanoTime()));
    ids.put(key, id);
  }

  void cancel(RecordingListener listener) {
    loop.inbox().cancel(ids.get(listener));
  }

  /** Takes what came in and computes one step. */
  void turn() {
    loop.inbox().deliver(loop);
    loop.advance();
  }

  void turns(int count) {
    for (int turn = 0; turn < count; turn++) {
      turn();
    }
  }

  void runUntilEmpty() {
    turn();
    for (int turn = 0; !loop.isEmpty(); turn++) {
      assertThat(turn).as("turns without an end").isLessThan(MOST_TURNS);
      turn();
    }
    turn();
  }

  /** Deadlines and budgets are of real time from now on. */
  void useWallClock() {
    clock = System::currentTimeMillis;
  }

  /** The loop on a thread of its own; {@code failure} is what ended it, or null in the end. */
  record Started(Thread thread, CompletableFuture<Throwable> failure) {}

  Started start() {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                loop.run();
                failure.complete(null);
              } catch (RuntimeException | Error e) {
                failure.complete(e);
              }
            },
            "decode-under-test");
    thread.setDaemon(true);
    thread.start();
    return new Started(thread, failure);
  }

  /** The tokens that a sample must have got. */
  List<Integer> expected(GenerationRequest.Builder builder, int sample) {
    GenerationRequest request = builder.build();
    return language.completion(
        request, sample, request.adapter().map(name -> 1 + ADAPTERS.indexOf(name)).orElse(0));
  }

  RuntimeStats stats() {
    return loop.stats();
  }

  /** Every request ended once, in the order that listeners are promised, and nothing is left. */
  void assertAllEnded() {
    assertThat(ids.keySet()).allMatch(RecordingListener::ended);
    assertThat(ids.keySet()).allSatisfy(heard -> assertThat(heard.violations()).isEmpty());
    assertThat(openConstraints).as("open constraints").isZero();
    if (loop.inbox().isOpen()) {
      assertThat(loop.isEmpty()).as("nothing is kept").isTrue();
      assertThat(speculator.sequences()).as("sequences that are guessed for").isZero();
    }
    assertThat(stats().requestsWaiting()).as("waiting").isZero();
    assertThat(stats().requestsRunning()).as("running").isZero();
    assertThat(stats().kvCacheUsage()).as("KV usage").isZero();
    assertThat(stats().requestsFinished() + stats().requestsFailed()).isEqualTo(ids.size());
  }

  /** Answers of a format that anything fits; what is not closed is counted. */
  private final class OpenConstraint implements TokenConstraint {
    private boolean open = true;

    OpenConstraint() {
      openConstraints++;
    }

    @Override
    public boolean allows(int token) {
      return true;
    }

    @Override
    public void mask(float[] logits) {}

    @Override
    public void accept(int token) {}

    @Override
    public void close() {
      if (open) {
        open = false;
        openConstraints--;
      }
    }
  }
}
