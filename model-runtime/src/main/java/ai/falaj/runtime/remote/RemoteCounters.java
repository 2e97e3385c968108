package ai.falaj.runtime.remote;

import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.RuntimeStats;

/** What a remote runtime did. Confined to its thread; {@link #publish} shows it to the others. */
final class RemoteCounters {

  private long promptTokens;
  private long cachedTokens;
  private long generationTokens;
  private long resumedTokens;
  private long finished;
  private long failed;
  private long pieces;
  private volatile RuntimeStats published = RuntimeStats.NONE;

  void piece(int tokens) {
    pieces++;
    generationTokens += tokens;
  }

  void resumed(int tokens) {
    resumedTokens += tokens;
  }

  void prompt(Usage usage) {
    promptTokens += usage.promptTokens() - usage.cachedTokens();
    cachedTokens += usage.cachedTokens();
  }

  void ended(boolean withResult) {
    if (withResult) {
      finished++;
    } else {
      failed++;
    }
  }

  /**
   * What a server computes in one step is not seen from here: each piece of an answer counts as one
   * step of one sequence.
   */
  void publish(int waiting, int running) {
    published =
        new RuntimeStats(
            waiting,
            running,
            0,
            promptTokens,
            generationTokens,
            cachedTokens,
            promptTokens + cachedTokens,
            finished,
            failed,
            pieces,
            pieces,
            0,
            0,
            0,
            0,
            resumedTokens);
  }

  RuntimeStats published() {
    return published;
  }
}
