package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.llamacpp.StepExecutor.StepFailedException;
import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.SequenceRequest;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepPlan.Admitted;
import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepResult;
import ai.falaj.runtime.scheduler.StepResult.Outcome;
import ai.falaj.runtime.scheduler.TokenBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of the decode thread: take what came in, plan a step, execute it, hand out the tokens.
 *
 * <p>{@link #inbox} and {@link #stats} may be called from any thread; everything else is confined
 * to the thread inside {@link #run}. Whatever ends the loop, every request that it still holds ends
 * too.
 */
final class DecodeLoop implements RequestInbox.Receiver, TokenHarvest.Ends {

  private static final Logger LOG = LoggerFactory.getLogger(DecodeLoop.class);

  /** How long an idle loop sleeps at most; a command wakes it. */
  private static final long LONGEST_PAUSE_MS = 60_000;

  private final RequestInbox inbox;
  private final long kvTokens;
  private final Scheduler scheduler;
  private final StepExecutor executor;
  private final RequestPreparer preparer;
  private final Speculator speculator;
  private final Quarantine quarantine;
  private final TokenHarvest harvest;
  private final LongSupplier clockMs;
  private final Map<Long, Generation> generations = new HashMap<>();

  /** By sequence id. */
  private final Map<Long, SampleRun> runs = new HashMap<>();

  private final EngineCounters counters = new EngineCounters();
  private boolean stopping;
  private volatile RuntimeStats stats = RuntimeStats.NONE;

  /**
   * @param kvTokens KV entries of the context
   * @param clockMs milliseconds since the epoch, for deadlines and budgets
   */
  DecodeLoop(
      RequestInbox inbox,
      long kvTokens,
      Scheduler scheduler,
      StepExecutor executor,
      RequestPreparer preparer,
      Speculator speculator,
      Quarantine quarantine,
      TokenTable vocabulary,
      LongSupplier clockMs) {
    this.inbox = inbox;
    this.kvTokens = kvTokens;
    this.scheduler = scheduler;
    this.executor = executor;
    this.preparer = preparer;
    this.speculator = speculator;
    this.quarantine = quarantine;
    this.harvest = new TokenHarvest(executor, speculator, vocabulary, counters, this);
    this.clockMs = clockMs;
  }

  /** Any thread. */
  RequestInbox inbox() {
    return inbox;
  }

  /** Any thread. */
  RuntimeStats stats() {
    return stats;
  }

  /**
   * Runs until it is stopped. Throws only if an invariant is broken; the requests have ended then
   * too.
   */
  void run() {
    RuntimeErrorCode endCode = RuntimeErrorCode.ENGINE_FAILURE;
    try {
      inbox.deliver(this);
      while (!stopping) {
        if (advance()) {
          inbox.deliver(this);
        } else {
          inbox.await(this, pauseMs());
        }
      }
      endCode = RuntimeErrorCode.RUNTIME_CLOSED;
    } finally {
      endAll(endCode);
      executor.close();
      speculator.close();
    }
  }

  /**
   * Plans a step and computes it.
   *
   * @return whether there was something to compute
   */
  boolean advance() {
    StepPlan plan = scheduler.plan(clockMs.getAsLong());
    plan.ended().forEach(this::endEarly);
    plan.admitted().forEach(this::start);
    if (!plan.isIdle()) {
      scheduler.apply(plan, step(plan));
    }
    stats = snapshot();
    return !plan.isIdle();
  }

  /** Whether nothing is kept of any request, for checks. */
  boolean isEmpty() {
    return generations.isEmpty() && runs.isEmpty() && !scheduler.hasWork();
  }

  @Override
  public void onSubmit(Generation generation) {
    enqueue(generation);
  }

  @Override
  public void onCancel(long generationId) {
    Generation generation = generations.get(generationId);
    if (generation != null) {
      generation.samples().forEach(run -> scheduler.cancel(run.sequenceId()));
    }
  }

  @Override
  public void onStop() {
    stopping = true;
  }

  /** Beside an idle engine, sequences wait only for a budget or have a deadline to miss. */
  long pauseMs() {
    long nowMs = clockMs.getAsLong();
    return Math.max(1, Math.min(LONGEST_PAUSE_MS, scheduler.nextEventMs(nowMs) - nowMs));
  }

  /** From here on the generation is known, so that whatever happens next ends it. */
  private void enqueue(Generation generation) {
    generations.put(generation.id(), generation);
    try {
      OptionalLong isolation = quarantine.admit(generation);
      quarantine.begin(Set.of(generation));
      schedule(generation, preparer.prepare(generation), isolation);
    } catch (GenerationException e) {
      refuse(generation, e);
    } catch (RuntimeException e) {
      refuse(
          generation,
          failure(
              generation,
              RuntimeErrorCode.ENGINE_FAILURE,
              "the request could not be prepared: " + e.getMessage()));
    } finally {
      quarantine.end();
    }
  }

  /** Samples that were complete before need no step; if all were, the generation is over. */
  private void schedule(Generation generation, int adapter, OptionalLong isolation)
      throws GenerationException {
    GenerationRequest request = generation.request();
    List<SampleRun> unfinished =
        generation.samples().stream().filter(run -> !run.isFinished()).toList();
    if (unfinished.isEmpty()) {
      begin(generation, 0);
      end(generation);
      return;
    }
    List<SequenceRequest> sequences = new ArrayList<>();
    for (SampleRun run : unfinished) {
      sequences.add(
          SequenceRequest.builder(run.sequenceId(), run.tokensSoFar(), run.tokensLeft())
              .tenant(request.tenant().orElse(""))
              .priority(request.priority())
              .deadlineMs(request.deadlineEpochMs())
              .adapter(adapter)
              .isolation(isolation)
              .build());
    }
    Optional<TokenBudget> tooSmall = scheduler.budgetTooSmallFor(sequences.get(0));
    if (tooSmall.isPresent()) {
      throw failure(
          generation,
          RuntimeErrorCode.BUDGET_EXCEEDED,
          "a sample may take %d tokens but the tenant may have %d in %s; lower max_tokens or raise the budget"
              .formatted(
                  sequences.get(0).mostTokens(), tooSmall.get().tokens(), tooSmall.get().window()));
    }
    sequences.forEach(scheduler::enqueue);
    unfinished.forEach(run -> runs.put(run.sequenceId(), run));
  }

  private void refuse(Generation generation, GenerationException failure) {
    generations.remove(generation.id());
    inbox.leftQueue();
    counters.failed();
    generation.fail(failure);
  }

  private static GenerationException failure(
      Generation generation, RuntimeErrorCode code, String message) {
    return new GenerationException(generation.request().requestId(), code, message);
  }

  private void start(Admitted admitted) {
    Generation generation = runs.get(admitted.sequenceId()).generation();
    if (!generation.isStarted()) {
      begin(generation, admitted.cachedTokens());
    }
  }

  private void begin(Generation generation, int cachedTokens) {
    inbox.leftQueue();
    counters.resumed(generation.givenTokens());
    generation.start(cachedTokens, System.nanoTime());
  }

  /** A sequence that the scheduler ended without another step. */
  private void endEarly(Ended ended) {
    SampleRun run = runs.remove(ended.sequenceId());
    if (run == null) {
      // Another sample of its generation failed, and took it along.
      return;
    }
    Generation generation = run.generation();
    if (!generation.isStarted() && generation.givenTokens() > 0) {
      // It ends with the text that it brought along.
      begin(generation, 0);
    }
    FinishReason reason =
        ended.cause() == EndCause.CANCELLED ? FinishReason.CANCELLED : FinishReason.DEADLINE;
    run.cut(reason, System.nanoTime());
    endSample(run, reason);
  }

  /** The sample is finished; so is its generation, if it was the last. */
  private void endSample(SampleRun run, FinishReason reason) {
    speculator.forget(run);
    Generation generation = run.generation();
    if (!generation.allSamplesFinished()) {
      return;
    }
    if (!generation.isStarted()) {
      inbox.leftQueue();
      if (reason == FinishReason.DEADLINE) {
        generations.remove(generation.id());
        counters.failed();
        generation.fail(
            failure(
                generation,
                RuntimeErrorCode.DEADLINE_EXCEEDED,
                "the model cannot begin before the deadline; raise the deadline or the capacity"));
        return;
      }
    }
    end(generation);
  }

  /** All samples are finished. */
  private void end(Generation generation) {
    generations.remove(generation.id());
    counters.finished();
    quarantine.finished(generation);
    generation.finish(System.nanoTime());
  }

  private StepResult step(StepPlan plan) {
    long startNanos = System.nanoTime();
    List<SampleRun> batch = new ArrayList<>(plan.work().size());
    for (SequenceWork work : plan.work()) {
      batch.add(runs.get(work.sequenceId()));
    }
    Set<Generation> computed = generationsOf(batch);
    quarantine.begin(computed);
    try {
      executor.execute(plan, batch);
      List<Outcome> outcomes = harvest.harvest(plan, batch);
      long durationNanos = System.nanoTime() - startNanos;
      counters.step(plan, durationNanos);
      return StepResult.of(outcomes, durationNanos);
    } catch (StepFailedException e) {
      recover(e.getMessage(), computed);
      return StepResult.failure();
    } finally {
      quarantine.end();
    }
  }

  private static Set<Generation> generationsOf(List<SampleRun> runs) {
    Set<Generation> found = new LinkedHashSet<>();
    runs.forEach(run -> found.add(run.generation()));
    return found;
  }

  /**
   * All that ran starts over from its tokens, which costs nobody anything but time. What the failed
   * step computed does so in isolation, unless it was in a failed step before; if the engine cannot
   * compute anything else either, nobody is to blame and everybody fails.
   */
  private void recover(String message, Set<Generation> computed) {
    if (!executor.isUsable()) {
      LOG.error("{}; the running requests fail and may be retried", message);
      failRunning(message);
      return;
    }
    LOG.error(
        "{}; what ran starts over, the {} requests of this step apart", message, computed.size());
    for (Generation suspect : computed) {
      suspect.samples().forEach(run -> scheduler.isolate(run.sequenceId(), suspect.id()));
    }
    for (Generation guilty : quarantine.blame(computed)) {
      LOG.error("Request {} made the engine crash twice", guilty.request().requestId());
      fail(guilty, Quarantine.crash(guilty));
    }
  }

  @Override
  public void onComplete(SampleRun run) {
    runs.remove(run.sequenceId());
    endSample(run, FinishReason.STOP);
  }

  @Override
  public void onNoToken(SampleRun run, IllegalStateException cause) {
    LOG.error(
        "Request {} fails: no token could be chosen for it",
        run.generation().request().requestId(),
        cause);
    fail(
        run.generation(),
        failure(
            run.generation(),
            RuntimeErrorCode.ENGINE_FAILURE,
            "no token could be chosen: " + cause.getMessage()));
  }

  /** Ends a generation without a result, and all its sequences with it. */
  private void fail(Generation generation, GenerationException failure) {
    generations.remove(generation.id());
    for (SampleRun run : generation.samples()) {
      runs.remove(run.sequenceId());
      speculator.forget(run);
      scheduler.cancel(run.sequenceId());
    }
    counters.failed();
    if (!generation.isStarted()) {
      inbox.leftQueue();
    }
    generation.fail(failure);
  }

  private void failRunning(String message) {
    List<SampleRun> running =
        scheduler.runningSequences().stream().map(runs::get).filter(Objects::nonNull).toList();
    for (Generation lost : generationsOf(running)) {
      fail(lost, failure(lost, RuntimeErrorCode.ENGINE_FAILURE, message));
    }
  }

  private RuntimeStats snapshot() {
    return counters.snapshot(inbox.waiting(), scheduler, kvTokens, speculator);
  }

  /**
   * Every request that is still here hears that the runtime is gone, those that were only just
   * enqueued included.
   */
  private void endAll(RuntimeErrorCode code) {
    List<Generation> left = new ArrayList<>(generations.values());
    left.addAll(inbox.close());
    generations.clear();
    runs.clear();
    String message =
        code == RuntimeErrorCode.RUNTIME_CLOSED
            ? "the model runtime was closed before the request ended"
            : "the decode thread died; the log of this process says why";
    for (Generation generation : left) {
      counters.failed();
      generation.fail(failure(generation, code, message));
    }
    stats = snapshot().counters();
  }
}
