package ai.falaj.runtime.llamacpp;

/**
 * Guesses that what followed the same few tokens before follows them again (prompt lookup decoding,
 * Saxena 2023): summaries quote, JSON repeats its keys, code its names. Costs a search through the
 * sequence's own tokens. Confined to the decode thread.
 */
final class PromptLookup implements DraftSource {

  /** Longer ones are surer, shorter ones are found more often. */
  private static final int LONGEST_NGRAM = 4;

  private static final int SHORTEST_NGRAM = 2;

  @Override
  public int[] propose(SampleRun run, int most) {
    for (int length = LONGEST_NGRAM; length >= SHORTEST_NGRAM; length--) {
      int end = lastOccurrence(run, length);
      if (end > 0) {
        int count = Math.min(most, run.tokenCount() - end);
        int[] guesses = new int[count];
        for (int index = 0; index < count; index++) {
          guesses[index] = run.token(end + index);
        }
        return guesses;
      }
    }
    return new int[0];
  }

  /** Where the last {@code length} tokens ended when they last came before; 0 if they did not. */
  private static int lastOccurrence(SampleRun run, int length) {
    int size = run.tokenCount();
    for (int end = size - 1; end >= length; end--) {
      int matched = 0;
      while (matched < length && run.token(end - 1 - matched) == run.token(size - 1 - matched)) {
        matched++;
      }
      if (matched == length) {
        return end;
      }
    }
    return 0;
  }
}
