package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.OverviewView.Totals;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;

/** Counts of every record since reading started. Not thread-safe. */
final class Tally {

  long prompts;
  long deadLetters;
  long undecodable;
  private long requests;
  private long promptTokens;
  private long cachedTokens;
  private long reasoningTokens;
  private long completionTokens;
  private long chunks;
  private long streamedTokens;

  void add(Completion completion) {
    requests++;
    promptTokens += completion.getUsage().getPromptTokens();
    cachedTokens += completion.getUsage().getCachedTokens();
    reasoningTokens += completion.getUsage().getReasoningTokens();
    completionTokens += completion.getUsage().getCompletionTokens();
  }

  void add(CompletionChunk chunk) {
    chunks++;
    streamedTokens += chunk.getTokenCount();
  }

  /**
   * @param ahead records that claim to be from the future
   */
  Totals view(long ahead) {
    return new Totals(
        requests,
        deadLetters,
        promptTokens,
        cachedTokens,
        reasoningTokens,
        completionTokens,
        chunks,
        streamedTokens,
        prompts,
        undecodable,
        ahead);
  }
}
