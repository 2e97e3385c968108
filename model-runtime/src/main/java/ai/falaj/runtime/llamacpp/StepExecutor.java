package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.scheduler.StepPlan;
import java.util.List;

/** Computes the steps that the scheduler plans. Confined to the decode thread. */
interface StepExecutor extends AutoCloseable {

  /**
   * Computes one step. The logits of every work that {@code samples()} are there afterwards: of its
   * last token and of its guesses.
   *
   * @param batch the sequences of {@code plan.work()}, in the same order
   * @throws StepFailedException if the engine failed. It holds no KV entries any more then, saved
   *     ones included
   */
  void execute(StepPlan plan, List<SampleRun> batch) throws StepFailedException;

  /**
   * Logits of the last step. The array may be overwritten, and is by the next call.
   *
   * @param work index of a work that samples
   * @param guess 0 for the last token, {@code n} for the {@code n}th guess
   */
  float[] logits(int work, int guess);

  /** Forgets the KV entries of guesses that were wrong. */
  void trim(int slot, int keepTokens);

  /**
   * After a step that failed: whether the engine can compute anything at all.
   *
   * @return false if the failure says nothing about what it was to compute
   */
  boolean isUsable();

  @Override
  void close();

  /** Why a step failed, in one line. */
  final class StepFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    StepFailedException(String message) {
      super(message);
    }
  }
}
