package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.llamacpp.PromptEncoder.Encoded;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.SequenceRequest;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The loop of the decode thread: take what was enqueued, plan a step, execute it, hand out the
 * tokens.
 *
 * <p>{@link #submit}, {@link #cancel}, {@link #stop} and {@link #stats} may be called from any
 * thread; everything else is confined to the thread inside {@link #run}. Whatever ends the loop,
 * every request that it still holds ends too.
 */
final class DecodeLoop {

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

  private final LinkedBlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final int maxWaiting;
  private final String modelName;
  private final int contextTokens;
  private final long kvTokens;
  private final Scheduler scheduler;
  private final StepExecutor executor;
  private final PromptEncoder encoder;
  private final Vocabulary vocabulary;
  private final Map<Long, Generation> generations = new HashMap<>();
  private final EngineCounters counters = new EngineCounters();

  /** Guards the hand-over between {@link #submit} and the end of the loop. */
  private final Object endLock = new Object();

  private boolean ended;
  private boolean stopping;
  private volatile RuntimeStats stats = RuntimeStats.NONE;

  DecodeLoop(
      LlamaCppSpec spec,
      int contextTokens,
      Scheduler scheduler,
      StepExecutor executor,
      PromptEncoder encoder) {
    this.maxWaiting = spec.maxWaiting();
    this.modelName = spec.model();
    this.contextTokens = contextTokens;
    this.kvTokens = (long) contextTokens * spec.maxSequences();
    this.scheduler = scheduler;
    this.executor = executor;
    this.encoder = encoder;
    this.vocabulary = executor.vocabulary();
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
        if (!plan.isIdle()) {
          scheduler.apply(plan, step(plan));
        }
        publishStats();
      }
      endCode = RuntimeErrorCode.RUNTIME_CLOSED;
    } finally {
      endAll(endCode);
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
      // Only this class's owner interrupts its thread, and it does so to stop it.
      Thread.currentThread().interrupt();
      return new Command.Stop();
    }
  }

  /** From here on the generation is known, so that whatever happens next ends it. */
  private void enqueue(Generation generation) {
    generations.put(generation.id(), generation);
    try {
      generation.prepare(encode(generation), contextTokens, drawSeed(), vocabulary);
    } catch (GenerationException e) {
      refuse(generation, e);
      return;
    } catch (RuntimeException e) {
      refuse(
          generation,
          new GenerationException(
              generation.request().requestId(),
              RuntimeErrorCode.ENGINE_FAILURE,
              "the prompt could not be tokenized: " + e.getMessage(),
              e));
      return;
    }
    scheduler.enqueue(
        new SequenceRequest(
            generation.id(),
            generation.promptTokens(),
            generation.request().priority(),
            generation.request().deadlineEpochMs()));
  }

  private void refuse(Generation generation, GenerationException failure) {
    generations.remove(generation.id());
    waiting.decrementAndGet();
    counters.failed();
    generation.fail(failure);
  }

  private Encoded encode(Generation generation) throws GenerationException {
    String requestId = generation.request().requestId();
    Optional<String> wanted = generation.request().model();
    if (wanted.isPresent() && !wanted.get().equals(modelName)) {
      throw new GenerationException(
          requestId,
          RuntimeErrorCode.UNKNOWN_MODEL,
          "the request wants model %s but this runtime serves %s"
              .formatted(wanted.get(), modelName));
    }
    Encoded prompt = encoder.encode(requestId, generation.request().prompt());
    if (prompt.tokens().length >= contextTokens) {
      throw new GenerationException(
          requestId,
          RuntimeErrorCode.PROMPT_TOO_LONG,
          "the prompt has %d tokens but a sequence holds %d with its completion; shorten it or raise the context"
              .formatted(prompt.tokens().length, contextTokens));
    }
    return prompt;
  }

  private static long drawSeed() {
    return ThreadLocalRandom.current().nextLong(SamplingParameters.MAX_SEED + 1);
  }

  private void cancelIfPresent(long generationId) {
    if (generations.containsKey(generationId)) {
      scheduler.cancel(generationId);
    }
  }

  /** A sequence that the scheduler ended without another step. */
  private void endEarly(Ended ended) {
    Generation generation = generations.remove(ended.sequenceId());
    boolean started = ended.slot().isPresent();
    if (!started) {
      waiting.decrementAndGet();
    }
    if (ended.cause() == EndCause.DEADLINE && !started) {
      counters.failed();
      generation.fail(
          new GenerationException(
              generation.request().requestId(),
              RuntimeErrorCode.DEADLINE_EXCEEDED,
              "the deadline passed before the model was free; raise the deadline or the capacity"));
      return;
    }
    counters.finished();
    generation.finish(
        ended.cause() == EndCause.CANCELLED ? FinishReason.CANCELLED : FinishReason.DEADLINE,
        System.nanoTime());
  }

  private StepResult step(StepPlan plan) {
    long startNanos = System.nanoTime();
    List<Generation> batch = new ArrayList<>(plan.work().size());
    for (StepPlan.SequenceWork work : plan.work()) {
      Generation generation = generations.get(work.sequenceId());
      if (work.position() == 0) {
        waiting.decrementAndGet();
        generation.start(startNanos);
      }
      batch.add(generation);
    }
    Optional<int[]> sampled = executor.execute(plan, batch);
    long nowNanos = System.nanoTime();
    counters.step(plan, nowNanos - startNanos);
    return sampled.isPresent() ? accept(plan, batch, sampled.get(), nowNanos) : failStep(batch);
  }

  private StepResult accept(StepPlan plan, List<Generation> batch, int[] sampled, long nowNanos) {
    Set<Long> finished = new HashSet<>();
    for (int index = 0; index < batch.size(); index++) {
      StepPlan.SequenceWork work = plan.work().get(index);
      Generation generation = batch.get(index);
      if (work.position() < generation.promptTokens()) {
        counters.prefilled(work.tokenCount());
      }
      if (!work.samples()) {
        continue;
      }
      counters.generated();
      Optional<FinishReason> reason = generation.accept(sampled[index], vocabulary, nowNanos);
      if (reason.isPresent()) {
        finished.add(generation.id());
        generations.remove(generation.id());
        counters.finished();
        generation.finish(reason.get(), nowNanos);
      }
    }
    return StepResult.finished(finished);
  }

  private StepResult failStep(List<Generation> batch) {
    for (Generation generation : batch) {
      generations.remove(generation.id());
      counters.failed();
      generation.fail(
          new GenerationException(
              generation.request().requestId(),
              RuntimeErrorCode.ENGINE_FAILURE,
              executor.lastFailure()));
    }
    return StepResult.failure();
  }

  private void publishStats() {
    stats =
        counters.snapshot(
            waiting.get(), scheduler.runningCount(), (double) scheduler.usedKvTokens() / kvTokens);
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
    String message =
        code == RuntimeErrorCode.RUNTIME_CLOSED
            ? "the model runtime was closed before the request ended"
            : "the decode thread died; the log of this process says why";
    for (Generation generation : left) {
      counters.failed();
      generation.fail(new GenerationException(generation.request().requestId(), code, message));
    }
    waiting.set(0);
    stats = counters.snapshot(0, 0, 0);
  }
}
