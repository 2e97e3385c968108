package ai.falaj.runtime.llamacpp;

/**
 * Guesses the next tokens of a sequence, for the model to verify. Confined to the decode thread.
 */
interface DraftSource extends AutoCloseable {

  /** No guesses. */
  DraftSource NONE = (run, most) -> new int[0];

  /**
   * @param run a sequence that goes on
   * @param most at least 1
   * @return at most {@code most} tokens that may follow; none where nothing suggests itself
   */
  int[] propose(SampleRun run, int most);

  /** The sequence is over. */
  default void forget(SampleRun run) {}

  @Override
  default void close() {}
}
