package ai.falaj.jobs.dashboard.feed;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.Topics;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names of the topics to read. Immutable.
 *
 * @param names one per kind
 */
public record FeedTopics(Map<FeedKind, String> names) {

  public FeedTopics {
    names = Map.copyOf(names);
    for (FeedKind kind : FeedKind.values()) {
      if (!names.containsKey(kind)) {
        throw new IllegalArgumentException("there is no topic of " + kind.label());
      }
    }
  }

  /** Those of a connection, and the default ones of the analytics job. */
  public static FeedTopics of(Connection connection) {
    Map<FeedKind, String> names = new EnumMap<>(FeedKind.class);
    names.put(FeedKind.PROMPTS, connection.topic(RecordKind.PROMPTS));
    names.put(FeedKind.CHUNKS, connection.topic(RecordKind.CHUNKS));
    names.put(FeedKind.COMPLETIONS, connection.topic(RecordKind.COMPLETIONS));
    names.put(FeedKind.DEAD_LETTERS, connection.topic(RecordKind.DEAD_LETTERS));
    names.put(FeedKind.USAGE, Topics.USAGE);
    names.put(FeedKind.LABELS, Topics.LABELS);
    names.put(FeedKind.BUDGET_ALERTS, Topics.BUDGET_ALERTS);
    return new FeedTopics(names);
  }

  /** The same with another topic for records of that kind. */
  public FeedTopics with(FeedKind kind, String topic) {
    Map<FeedKind, String> changed = new EnumMap<>(names);
    changed.put(kind, topic);
    return new FeedTopics(changed);
  }

  public String name(FeedKind kind) {
    return names.get(kind);
  }

  /** By the labels of the API. */
  public Map<String, String> byLabel() {
    Map<String, String> labelled = new LinkedHashMap<>();
    for (FeedKind kind : FeedKind.values()) {
      labelled.put(kind.label(), name(kind));
    }
    return labelled;
  }
}
