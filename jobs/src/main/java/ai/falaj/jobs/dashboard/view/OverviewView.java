package ai.falaj.jobs.dashboard.view;

import java.util.List;
import java.util.Map;

/** The data of the event {@code overview}; docs/DASHBOARD.md describes it. */
public record OverviewView(
    long at,
    Long latestEventTime,
    Totals totals,
    States states,
    LastMinute lastMinute,
    Map<String, List<BucketView>> changed,
    int pages) {

  /** Every record since reading started. */
  public record Totals(
      long requests,
      long deadLetters,
      long promptTokens,
      long cachedTokens,
      long reasoningTokens,
      long completionTokens,
      long chunks,
      long streamedTokens,
      long prompts,
      long undecodable,
      long ahead) {}

  /** Requests that have not ended. */
  public record States(int queued, int decoding, long forgotten) {}

  /** The last 60 seconds of event time. */
  public record LastMinute(
      double requestsPerSecond,
      double streamedTokensPerSecond,
      Double ttftP50Ms,
      Double ttftP95Ms,
      Double ttftP99Ms,
      Double totalP50Ms,
      Double totalP95Ms,
      Double totalP99Ms) {}
}
