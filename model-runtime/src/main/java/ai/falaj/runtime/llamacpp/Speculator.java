package ai.falaj.runtime.llamacpp;

import java.util.HashMap;
import java.util.Map;

/**
 * Decides how many guesses each sequence is worth: more after they were right, fewer after they
 * were wrong, none for a while after they were wrong several times running. Confined to the decode
 * thread.
 */
final class Speculator implements AutoCloseable {

  /** Steps in which nothing was right, until guessing pauses. */
  static final int MISSES_BEFORE_PAUSE = 3;

  /** Tokens of a pause; it doubles while guesses stay wrong. */
  static final int FIRST_PAUSE_TOKENS = 8;

  private static final int LONGEST_PAUSE_TOKENS = 128;

  private static final class Record {
    private int limit;
    private int misses;
    private int nextPause = FIRST_PAUSE_TOKENS;
    private int pauseLeft;
  }

  private final DraftSource source;
  private final int maxDraftTokens;
  private final int maxSequences;
  private final Map<Long, Record> records = new HashMap<>();
  private long drafted;
  private long accepted;

  Speculator(DraftSource source, int maxDraftTokens, int maxSequences) {
    this.source = source;
    this.maxDraftTokens = maxDraftTokens;
    this.maxSequences = maxSequences;
  }

  static Speculator off() {
    return new Speculator(DraftSource.NONE, 0, 0);
  }

  /** Guesses of a step that were verified, and how many of them were right. */
  void verified(SampleRun run, int guesses, int right) {
    if (guesses == 0) {
      return;
    }
    drafted += guesses;
    accepted += right;
    Record record = records.get(run.sequenceId());
    if (right == guesses) {
      record.limit = Math.min(maxDraftTokens, 2 * record.limit);
    } else {
      record.limit = Math.min(maxDraftTokens, right + 1);
    }
    if (right > 0) {
      record.misses = 0;
      record.nextPause = FIRST_PAUSE_TOKENS;
    } else if (++record.misses == MISSES_BEFORE_PAUSE) {
      record.misses = 0;
      record.pauseLeft = record.nextPause;
      record.nextPause = Math.min(LONGEST_PAUSE_TOKENS, 2 * record.nextPause);
    }
  }

  /**
   * Offers guesses for a sequence that goes on.
   *
   * @param runningSequences that the next step will compute
   */
  void offer(SampleRun run, int runningSequences) {
    run.offer(new int[0]);
    if (runningSequences > maxSequences || run.tokensLeft() < 2) {
      return;
    }
    Record record = records.computeIfAbsent(run.sequenceId(), id -> newRecord());
    if (record.pauseLeft > 0) {
      record.pauseLeft--;
      return;
    }
    run.offer(source.propose(run, Math.min(record.limit, run.tokensLeft() - 1)));
  }

  void forget(SampleRun run) {
    if (records.remove(run.sequenceId()) != null) {
      source.forget(run);
    }
  }

  /** Guesses so far. */
  long drafted() {
    return drafted;
  }

  /** Guesses so far that were right. */
  long accepted() {
    return accepted;
  }

  /** Sequences that something is remembered of, for checks. */
  int sequences() {
    return records.size();
  }

  @Override
  public void close() {
    source.close();
  }

  private Record newRecord() {
    Record record = new Record();
    record.limit = Math.max(1, maxDraftTokens / 2);
    return record;
  }
}
