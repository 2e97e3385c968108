package ai.falaj.jobs.dashboard;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.dashboard.feed.FeedTopics;
import ai.falaj.jobs.web.AccessToken;
import ai.falaj.jobs.web.ListenSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a {@link Dashboard} serves, where and to whom. Immutable.
 *
 * @param topics to read
 * @param flink URL of the REST API that knows the TaskManagers; empty: they are not shown
 * @param token that callers need; empty: none, so only on the loopback address
 * @param history how far back it reads at its start
 * @param showPrompts whether texts of prompts and completions are kept and shown
 * @param readOnly whether it sends no prompts, neither new ones nor dead ones again
 */
public record DashboardSettings(
    Connection connection,
    FeedTopics topics,
    Optional<URI> flink,
    ListenSettings listen,
    Optional<AccessToken> token,
    Duration history,
    boolean showPrompts,
    boolean readOnly) {

  /** Where it listens unless told otherwise. */
  public static final int DEFAULT_PORT = 8090;

  /** How far back it reads unless told otherwise. */
  public static final Duration DEFAULT_HISTORY = Duration.ofHours(1);

  /**
   * @throws IllegalArgumentException where others could connect without a token, or history is
   *     negative
   */
  public DashboardSettings {
    Objects.requireNonNull(connection, "connection");
    Objects.requireNonNull(topics, "topics");
    Objects.requireNonNull(flink, "flink");
    if (!listen.isLoopback() && token.isEmpty()) {
      throw new IllegalArgumentException("other machines may connect only with a token");
    }
    if (history.isNegative()) {
      throw new IllegalArgumentException("history is " + history + "; it cannot be negative");
    }
  }
}
