package ai.falaj.jobs.dashboard.view;

import java.util.List;

/**
 * What became of texts since the last batch; docs/DASHBOARD.md says how to show it.
 *
 * @param chunks one entry per request and sample
 * @param count chunks that are in it
 * @param newest latest {@code emitted_at} of them
 */
public record ChunkBatchView(List<Entry> chunks, int count, Long newest) {

  /** One sample; at and append are null where texts are hidden. */
  public record Entry(
      String requestId,
      int sample,
      Lengths at,
      Texts append,
      int tokens,
      int reasoningTokens,
      String channel,
      String finished) {}

  /** Where the appended texts begin, in UTF-16 units. */
  public record Lengths(int answer, int reasoning) {}

  /** What comes there. */
  public record Texts(String answer, String reasoning) {}
}
