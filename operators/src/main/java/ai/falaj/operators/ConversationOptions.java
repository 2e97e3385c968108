package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * Whether the operator keeps what was said before, so that requests bring only what is new.
 *
 * @param timeToLive how long a conversation is kept after its last turn began or ended; zero: not
 *     at all
 * @param maxTokens estimated tokens of the turns that are kept; the system message and the newest
 *     turn always are
 * @param onOverflow what becomes of the oldest turns where there are more
 * @param summary how they are summarised, where they are
 */
public record ConversationOptions(
    Duration timeToLive, int maxTokens, OnOverflow onOverflow, SummaryOptions summary)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final ConversationOptions NONE = truncating(Duration.ZERO, 2_048);

  /** What follows when a conversation outgrows its tokens. */
  public enum OnOverflow {
    /** The oldest turns are dropped whole. */
    TRUNCATE,
    /** A model writes a summary that takes the place of the oldest turns. */
    SUMMARIZE
  }

  /**
   * @throws IllegalArgumentException naming the options, their values and the remedy
   */
  public ConversationOptions {
    Objects.requireNonNull(onOverflow, "onOverflow");
    Objects.requireNonNull(summary, "summary");
    if (timeToLive.isNegative() || maxTokens < 1) {
      throw new IllegalArgumentException(
          "timeToLive is %s and maxTokens %d; the first must be 0 (off) or more, the second 1 or more"
              .formatted(timeToLive, maxTokens));
    }
    if (onOverflow == OnOverflow.SUMMARIZE && summary.maxTokens() > maxTokens / 2) {
      throw new IllegalArgumentException(
          "the summary's maxTokens is %d and the conversation's %d; lower the first to at most half of the second, as turns stand beside it"
              .formatted(summary.maxTokens(), maxTokens));
    }
  }

  /** Drops the turns that there is no room for. */
  public static ConversationOptions truncating(Duration timeToLive, int maxTokens) {
    return new ConversationOptions(
        timeToLive, maxTokens, OnOverflow.TRUNCATE, SummaryOptions.DEFAULT);
  }

  /** Summarises the turns that there is no room for. */
  public static ConversationOptions summarizing(
      Duration timeToLive, int maxTokens, SummaryOptions summary) {
    return new ConversationOptions(timeToLive, maxTokens, OnOverflow.SUMMARIZE, summary);
  }

  boolean isEnabled() {
    return !timeToLive.isZero();
  }

  boolean summarizes() {
    return onOverflow == OnOverflow.SUMMARIZE;
  }
}
