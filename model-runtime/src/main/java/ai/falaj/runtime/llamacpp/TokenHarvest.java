package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepResult.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses the tokens of a step that was computed, and tells who ends with it. Confined to the
 * decode thread.
 */
final class TokenHarvest {

  /** Who must know. */
  interface Ends {

    /** The sample is complete; it has a finish reason. */
    void onComplete(SampleRun run);

    /** No token can be chosen for this sequence: its request fails, the others go on. */
    void onNoToken(SampleRun run, IllegalStateException cause);
  }

  private final StepExecutor executor;
  private final Speculator speculator;
  private final TokenTable vocabulary;
  private final EngineCounters counters;
  private final Ends ends;

  TokenHarvest(
      StepExecutor executor,
      Speculator speculator,
      TokenTable vocabulary,
      EngineCounters counters,
      Ends ends) {
    this.executor = executor;
    this.speculator = speculator;
    this.vocabulary = vocabulary;
    this.counters = counters;
    this.ends = ends;
  }

  /**
   * @param batch the sequences of {@code plan.work()}, in the same order
   */
  List<Outcome> harvest(StepPlan plan, List<SampleRun> batch) {
    long nowNanos = System.nanoTime();
    List<Outcome> outcomes = new ArrayList<>(batch.size());
    for (int index = 0; index < batch.size(); index++) {
      SequenceWork work = plan.work().get(index);
      SampleRun run = batch.get(index);
      if (work.tokenCount() > 1 || run.completionTokens() == 0) {
        counters.prefilled(work.tokenCount());
      }
      if (work.samples()) {
        outcomes.add(
            run.generation().hasEnded()
                ? abandon(work, run)
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
        counters.generated(1);
        chosen[count] = run.lastToken();
        guessedRight = count < work.drafts() && chosen[count] == run.draft(count);
        count++;
      }
    } catch (IllegalStateException e) {
      ends.onNoToken(run, e);
      return abandon(work, run);
    }
    speculator.verified(run, work.drafts(), count - 1);
    keepGuesses(work, count - 1);
    if (finished) {
      ends.onComplete(run);
    } else {
      speculator.offer(run, batchSize);
    }
    return new Outcome(
        run.sequenceId(), Arrays.copyOf(chosen, count), finished, finished ? 0 : run.draftCount());
  }

  /** Ends a sequence whose request failed in this step; what its slot holds may be used again. */
  private Outcome abandon(SequenceWork work, SampleRun run) {
    keepGuesses(work, 0);
    return Outcome.of(run.sequenceId(), run.lastToken(), true);
  }

  /** The engine computed all guesses; it forgets those behind the ones that were right. */
  private void keepGuesses(SequenceWork work, int right) {
    if (right < work.drafts()) {
      executor.trim(work.slot(), work.position() + work.tokenCount() + right);
    }
  }
}
