package ai.falaj.jobs.completion;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;

/**
 * Which topics a job reads prompts from: those of a list, or all whose whole name matches a
 * pattern, new ones included.
 *
 * @param names empty where there is a pattern
 * @param pattern a regular expression
 */
public record PromptTopics(List<String> names, Optional<String> pattern) {

  /** A new topic is read after this at the latest; the connector alone would take five minutes. */
  private static final String DISCOVERY_MS = "60000";

  public PromptTopics {
    names = List.copyOf(names);
    Objects.requireNonNull(pattern, "pattern");
  }

  /**
   * @throws IllegalArgumentException with one line that names the option, its value and the remedy
   */
  static PromptTopics from(ReadableConfig config) {
    Optional<String> pattern =
        config.getOptional(CompletionOptions.PROMPTS_PATTERN).filter(text -> !text.isBlank());
    if (pattern.isEmpty()) {
      return new PromptTopics(names(config.get(CompletionOptions.PROMPTS_TOPIC)), pattern);
    }
    if (config.getOptional(CompletionOptions.PROMPTS_TOPIC).isPresent()) {
      throw CompletionSettings.conflict(
          CompletionOptions.PROMPTS_TOPIC,
          config.get(CompletionOptions.PROMPTS_TOPIC),
          CompletionOptions.PROMPTS_PATTERN,
          pattern.get(),
          "set one of them");
    }
    try {
      Pattern.compile(pattern.get());
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "%s is '%s', which is no regular expression: %s"
              .formatted(
                  CompletionOptions.PROMPTS_PATTERN.key(), pattern.get(), e.getDescription()),
          e);
    }
    return new PromptTopics(List.of(), pattern);
  }

  private static List<String> names(String list) {
    List<String> names = Stream.of(list.split(",", -1)).map(String::strip).toList();
    if (names.contains("")) {
      throw new IllegalArgumentException(
          "%s is '%s', which has an empty name in it; separate names by single commas"
              .formatted(CompletionOptions.PROMPTS_TOPIC.key(), list));
    }
    return names;
  }

  /**
   * Holds the job's other topics apart from these and from each other: what it writes it must not
   * read.
   *
   * @throws IllegalArgumentException with one line that names both options and the topic
   */
  public void requireOthers(Map<ConfigOption<String>, String> others) {
    Map<String, String> optionOfTopic = new LinkedHashMap<>();
    names.forEach(name -> optionOfTopic.put(name, CompletionOptions.PROMPTS_TOPIC.key()));
    others.forEach(
        (option, topic) -> {
          if (pattern.filter(topic::matches).isPresent()) {
            throw new IllegalArgumentException(
                "%s is '%s', which matches '%s' of %s; let it match topics of prompts only"
                    .formatted(
                        CompletionOptions.PROMPTS_PATTERN.key(),
                        pattern.get(),
                        topic,
                        option.key()));
          }
          String other = optionOfTopic.put(topic, option.key());
          if (other != null) {
            throw new IllegalArgumentException(
                "%s and %s are both '%s'; give each its own topic"
                    .formatted(other, option.key(), topic));
          }
        });
  }

  /**
   * Makes a source read them.
   *
   * @param properties of the source, which gets how often to look for new topics
   */
  <T> KafkaSourceBuilder<T> subscribe(KafkaSourceBuilder<T> source, Properties properties) {
    if (pattern.isEmpty()) {
      return source.setTopics(names);
    }
    properties.putIfAbsent(KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(), DISCOVERY_MS);
    return source.setTopicPattern(Pattern.compile(pattern.get()));
  }

  /** For people: the names, or the pattern. */
  @Override
  public String toString() {
    return pattern.orElseGet(() -> String.join(", ", names));
  }
}
