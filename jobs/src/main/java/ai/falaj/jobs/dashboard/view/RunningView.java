package ai.falaj.jobs.dashboard.view;

import java.util.List;

/**
 * Requests that have not ended, oldest first.
 *
 * @param more how many others there are
 */
public record RunningView(List<Running> running, int more) {

  /** One of them; tokens are those of all samples that are shown. */
  public record Running(
      String requestId,
      String tenant,
      String model,
      RequestState state,
      Long createdAt,
      Long firstTokenAt,
      int tokens,
      int reasoningTokens,
      int samples,
      int attempt,
      Double tokensPerSecond) {}
}
