package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.llamacpp.RequestPreparer.Prepared;
import ai.falaj.runtime.llamacpp.StepExecutor.StepFailedException;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of the decode thread: take what was enqueued, plan a step, execute it, hand out the
 * tokens.
 *
 * <p>{@link #submit}, {@link #cancel}, {@link #stop} and {@link #stats} may be called from any
 * thread; everything else is confined to the thread inside {@link #run}. Whatever ends the loop,
 * every request that it still holds ends too.
 */
final class DecodeLoop {

  private static final Logger LOG = LoggerFactory.getLogger(DecodeLoop.class);

  private sealed interface Command {
    void runIn(DecodeLoop loop);

    record Submit(Generation generation) implements Command {
      @Override
      public void runIn(DecodeLoop loop) {
        loop.enqueue(generation);
      }
    }

    record Cancel(long generationId) implements Command {
      @Override
      public void runIn(DecodeLoop loop) {
        loop.cancelIfPresent(generationId);
      }
    }

    record Stop() implements Command {
      @Override
      public void runIn(DecodeLoop loop) {
        loop.stopping = true;
      }
    }
  }

  private static final long LONGEST_PAUSE_MS = 100;

  private final LinkedBlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final int maxWaiting;
  private final long kvTokens;
  private final Scheduler scheduler;
  private final StepExecutor executor;
  private final RequestPreparer preparer;
  private final Speculator speculator;
  private final Vocabulary vocabulary;
  private final Map<Long, Generation> generations = new HashMap<>();

  /** By sequence id. */
  private final Map<Long, SampleRun> runs = new HashMap<>();

  private final EngineCounters counters = new EngineCounters();

  /** Guards the hand-over between {@link #submit} and the end of the loop. */
  private final Object endLock = new Object();

  private boolean ended;
  private boolean stopping;
  private volatile RuntimeStats stats = RuntimeStats.NONE;

  /**
   * @param maxWaiting requests that may wait
   * @param kvTokens KV entries of the context
   */
  DecodeLoop(
      int maxWaiting,
      long kvTokens,
      Scheduler scheduler,
      StepExecutor executor,
      RequestPreparer preparer,
      Speculator speculator,
      Vocabulary vocabulary) {
    this.maxWaiting = maxWaiting;
    this.kvTokens = kvTokens;
    this.scheduler = scheduler;
    this.executor = executor;
    this.preparer = preparer;
    this.speculator = speculator;
    this.vocabulary = vocabulary;
  }

  /** Any thread. */
  void submit(Generation generation) throws GenerationException {
    String requestId = generation.request().requestId();
    synchronized (endLock) {
      if (ended) {
        throw new GenerationException(
            requestId, RuntimeErrorCode.RUNTIME_CLOSED, "the model runtime is closed");
      }
      if (waiting.get() >= maxWaiting) {
        throw new GenerationException(
            requestId,
            RuntimeErrorCode.OVERLOADED,
            "%d requests wait for the model already; submit again later".formatted(maxWaiting));
      }
      waiting.incrementAndGet();
      commands.add(new Command.Submit(generation));
    }
  }

  /** Any thread. */
  void cancel(long generationId) {
    commands.add(new Command.Cancel(generationId));
  }

  /** Ends the loop after the step that it is in. Any thread. */
  void stop() {
    commands.add(new Command.Stop());
  }

  /** Any thread. */
  RuntimeStats stats() {
    return stats;
  }

  /** Whether requests are still taken. Any thread. */
  boolean isOpen() {
    synchronized (endLock) {
      return !ended;
    }
  }

  /**
   * Runs until {@link #stop}. Throws only if an invariant is broken; the requests have ended then
   * too.
   */
  void run() {
    RuntimeErrorCode endCode = RuntimeErrorCode.ENGINE_FAILURE;
    try {
      while (!stopping) {
        takeCommands();
        if (stopping) {
          break;
        }
        StepPlan plan = scheduler.plan(System.currentTimeMillis());
        plan.ended().forEach(this::endEarly);
        plan.admitted().forEach(this::start);
        if (plan.isIdle()) {
          awaitNextWindow();
        } else {
          scheduler.apply(plan, step(plan));
        }
        publishStats();
      }
      endCode = RuntimeErrorCode.RUNTIME_CLOSED;
    } finally {
      endAll(endCode);
      executor.close();
      speculator.close();
    }
  }

  /**
   * Takes everything that was enqueued; sleeps until something is when there is nothing else to do.
   */
  private void takeCommands() {
    Command command = scheduler.hasWork() ? commands.poll() : awaitCommand();
    while (command != null) {
      command.runIn(this);
      command = commands.poll();
    }
  }

  private Command awaitCommand() {
    try {
      return commands.take();
    } catch (InterruptedException e) {
      return stopInterrupted();
    }
  }

  /** Only budgets that are used up keep sequences waiting beside an idle engine. */
  private void awaitNextWindow() {
    if (!scheduler.hasWork()) {
      return;
    }
    long nowMs = System.currentTimeMillis();
    long pauseMs = Math.min(LONGEST_PAUSE_MS, scheduler.nextWindowMs(nowMs) - nowMs);
    try {
      Command command = commands.poll(Math.max(1, pauseMs), TimeUnit.MILLISECONDS);
      if (command != null) {
        command.runIn(this);
      }
    } catch (InterruptedException e) {
      stopInterrupted().runIn(this);
    }
  }

  /** Only this class's owner interrupts its thread, and it does so to stop it. */
  private static Command stopInterrupted() {
    Thread.currentThread().interrupt();
    return new Command.Stop();
  }

  /** From here on the generation is known, so that whatever happens next ends it. */
  private void enqueue(Generation generation) {
    generations.put(generation.id(), generation);
    try {
      schedule(generation, preparer.prepare(generation));
    } catch (GenerationException e) {
      refuse(generation, e);
    } catch (RuntimeException e) {
      refuse(
          generation,
          failure(
              generation,
              RuntimeErrorCode.ENGINE_FAILURE,
              "the request could not be prepared: " + e.getMessage()));
    }
  }

  private void schedule(Generation generation, Prepared prepared) throws GenerationException {
    GenerationRequest request = generation.request();
    List<SequenceRequest> sequences = new ArrayList<>();
    for (SampleRun run : generation.samples()) {
      sequences.add(
          SequenceRequest.builder(run.sequenceId(), prepared.prompt(), prepared.maxNewTokens())
              .tenant(request.tenant().orElse(""))
              .priority(request.priority())
              .deadlineMs(request.deadlineEpochMs())
              .adapter(prepared.adapter())
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
    generation.samples().forEach(run -> runs.put(run.sequenceId(), run));
  }

  private void refuse(Generation generation, GenerationException failure) {
    generations.remove(generation.id());
    waiting.decrementAndGet();
    counters.failed();
    generation.fail(failure);
  }

  private static GenerationException failure(
      Generation generation, RuntimeErrorCode code, String message) {
    return new GenerationException(generation.request().requestId(), code, message);
  }

  private void cancelIfPresent(long generationId) {
    Generation generation = generations.get(generationId);
    if (generation != null) {
      generation.samples().forEach(run -> scheduler.cancel(run.sequenceId()));
    }
  }

  private void start(Admitted admitted) {
    Generation generation = runs.get(admitted.sequenceId()).generation();
    if (!generation.isStarted()) {
      waiting.decrementAndGet();
      generation.start(admitted.cachedTokens(), System.nanoTime());
    }
  }

  /** A sequence that the scheduler ended without another step. */
  private void endEarly(Ended ended) {
    SampleRun run = runs.remove(ended.sequenceId());
    if (run == null) {
      // Another sample of its generation failed, and took it along.
      return;
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
    generations.remove(generation.id());
    if (!generation.isStarted()) {
      waiting.decrementAndGet();
      if (reason == FinishReason.DEADLINE) {
        counters.failed();
        generation.fail(
            failure(
                generation,
                RuntimeErrorCode.DEADLINE_EXCEEDED,
                "the model cannot begin before the deadline; raise the deadline or the capacity"));
        return;
      }
    }
    counters.finished();
    generation.finish(System.nanoTime());
  }

  private StepResult step(StepPlan plan) {
    long startNanos = System.nanoTime();
    List<SampleRun> batch = new ArrayList<>(plan.work().size());
    for (SequenceWork work : plan.work()) {
      batch.add(runs.get(work.sequenceId()));
    }
    try {
      executor.execute(plan, batch);
    } catch (StepFailedException e) {
      LOG.error("{}; the running requests fail and may be retried", e.getMessage());
      failRunning(e.getMessage());
      return StepResult.failure();
    }
    List<Outcome> outcomes = harvest(plan, batch);
    long durationNanos = System.nanoTime() - startNanos;
    counters.step(plan, durationNanos);
    return StepResult.of(outcomes, durationNanos);
  }

  private List<Outcome> harvest(StepPlan plan, List<SampleRun> batch) {
    long nowNanos = System.nanoTime();
    List<Outcome> outcomes = new ArrayList<>(batch.size());
    for (int index = 0; index < batch.size(); index++) {
      SequenceWork work = plan.work().get(index);
      SampleRun run = batch.get(index);
      if (work.position() < run.tokenCount() - 1) {
        counters.prefilled(work.tokenCount());
      }
      if (work.samples()) {
        outcomes.add(
            run.generation().hasEnded()
                ? Outcome.of(run.sequenceId(), run.lastToken(), true)
                : sample(work, index, run, nowNanos, batch.size()));
      }
    }
    return outcomes;
  }

  /**
   * Chooses the token after the last one and, as long as it is what was guessed, the one after
   * that. Guessing therefore changes neither what is chosen nor how likely.
   */
  private Outcome sample(
      SequenceWork work, int workIndex, SampleRun run, long nowNanos, int batchSize) {
    int[] chosen = new int[1 + work.drafts()];
    int count = 0;
    boolean finished = false;
    boolean guessedRight = true;
    try {
      while (guessedRight && !finished) {
        finished = run.next(executor.logits(workIndex, count), vocabulary, nowNanos);
        chosen[count] = run.lastToken();
        guessedRight = count < work.drafts() && chosen[count] == run.draft(count);
        count++;
      }
    } catch (IllegalStateException e) {
      return giveUp(work, run, e);
    }
    counters.generated(count);
    speculator.verified(run, work.drafts(), count - 1);
    int computed = work.position() + work.tokenCount() + work.drafts();
    int kept = work.position() + work.tokenCount() + count - 1;
    if (kept < computed) {
      executor.trim(work.slot(), kept);
    }
    if (finished) {
      runs.remove(run.sequenceId());
      endSample(run, FinishReason.STOP);
    } else {
      speculator.offer(run, batchSize);
    }
    return new Outcome(
        run.sequenceId(), Arrays.copyOf(chosen, count), finished, finished ? 0 : run.draftCount());
  }

  /** No token can be chosen for this sequence: its request fails, the others go on. */
  private Outcome giveUp(SequenceWork work, SampleRun run, IllegalStateException cause) {
    LOG.error(
        "Request {} fails: no token could be chosen for it",
        run.generation().request().requestId(),
        cause);
    failGeneration(run.generation(), "no token could be chosen: " + cause.getMessage());
    executor.trim(work.slot(), work.position() + work.tokenCount());
    return Outcome.of(run.sequenceId(), run.lastToken(), true);
  }

  /** Ends a generation without a result, and all its sequences with it. */
  private void failGeneration(Generation generation, String message) {
    generations.remove(generation.id());
    for (SampleRun run : generation.samples()) {
      runs.remove(run.sequenceId());
      speculator.forget(run);
      scheduler.cancel(run.sequenceId());
    }
    counters.failed();
    if (!generation.isStarted()) {
      waiting.decrementAndGet();
    }
    generation.fail(failure(generation, RuntimeErrorCode.ENGINE_FAILURE, message));
  }

  private void failRunning(String message) {
    Set<Generation> lost = new LinkedHashSet<>();
    for (long sequence : scheduler.runningSequences()) {
      SampleRun run = runs.get(sequence);
      if (run != null) {
        lost.add(run.generation());
      }
    }
    lost.forEach(generation -> failGeneration(generation, message));
  }

  private void publishStats() {
    stats = counters.snapshot(waiting.get(), scheduler, kvTokens, speculator);
  }

  /**
   * Every request that is still here hears that the runtime is gone, those that were only just
   * enqueued included.
   */
  private void endAll(RuntimeErrorCode code) {
    List<Command> rest = new ArrayList<>();
    synchronized (endLock) {
      ended = true;
      commands.drainTo(rest);
    }
    List<Generation> left = new ArrayList<>(generations.values());
    for (Command command : rest) {
      if (command instanceof Command.Submit submit) {
        left.add(submit.generation());
      }
    }
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
    waiting.set(0);
    publishStats();
  }
}
