package ai.falaj.jobs.completion;

import ai.falaj.operators.ShadowOptions;
import ai.falaj.operators.routing.Route;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The routes of a job, checked against the models that it serves.
 *
 * @param routes by name
 * @param controlTopic that changes them; empty: they stay
 * @param shadowTopic for the completions of shadow models
 */
public record RoutingSettings(
    Map<String, Route> routes,
    Optional<String> controlTopic,
    String shadowTopic,
    ShadowOptions shadow) {

  private static final List<ConfigOption<String>> OTHER_TOPICS =
      List.of(
          CompletionOptions.CHUNKS_TOPIC,
          CompletionOptions.COMPLETIONS_TOPIC,
          CompletionOptions.DEAD_LETTERS_TOPIC);

  private static final List<ConfigOption<String>> TOOL_TOPICS =
      List.of(DialogueOptions.TOOL_REQUESTS_TOPIC, DialogueOptions.TOOL_RESPONSES_TOPIC);

  public RoutingSettings {
    routes = Map.copyOf(routes);
  }

  /**
   * @param models that the job serves
   * @throws IllegalArgumentException with one line that names the option, its value and the remedy
   */
  public static RoutingSettings from(ReadableConfig config, Set<String> models) {
    Map<String, Route> routes = new TreeMap<>();
    for (String name : RoutingOptions.names(config)) {
      routes.put(name, route(config, name, models));
    }
    RoutingSettings settings =
        new RoutingSettings(
            routes,
            config.getOptional(RoutingOptions.TOPIC).filter(topic -> !topic.isBlank()),
            config.get(RoutingOptions.SHADOW_TOPIC),
            shadow(config));
    settings.checkTopics(config);
    return settings;
  }

  private static Route route(ReadableConfig config, String name, Set<String> models) {
    ConfigOption<String> option = RoutingOptions.route(name);
    Route route;
    try {
      route = Route.parse(config.get(option));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option.key() + ": " + e.getMessage(), e);
    }
    Optional<String> unknown = route.firstOutside(models);
    if (unknown.isPresent()) {
      throw new IllegalArgumentException(
          "%s names model '%s' and the job serves %s; name those, or configure %s%s.model"
              .formatted(
                  option.key(),
                  unknown.get(),
                  String.join(", ", models),
                  ModelOptions.PREFIX,
                  unknown.get()));
    }
    return route;
  }

  private static ShadowOptions shadow(ReadableConfig config) {
    try {
      return new ShadowOptions(
          config.get(RoutingOptions.SHADOW_MAX_IN_FLIGHT),
          config.get(RoutingOptions.SHADOW_TIMEOUT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("falaj.shadow.*: " + e.getMessage(), e);
    }
  }

  /** Whether anything is routed at all. */
  public boolean isRouted() {
    return !routes.isEmpty() || controlTopic.isPresent();
  }

  /** Whether there may be shadows: a control record may bring some. */
  public boolean mayShadow() {
    return controlTopic.isPresent()
        || routes.values().stream().anyMatch(route -> !route.shadows().isEmpty());
  }

  private void checkTopics(ReadableConfig config) {
    Map<ConfigOption<String>, String> topics = new LinkedHashMap<>();
    for (ConfigOption<String> option : OTHER_TOPICS) {
      topics.put(option, config.get(option));
    }
    if (config.get(DialogueOptions.TOOLS_ENABLED)) {
      for (ConfigOption<String> option : TOOL_TOPICS) {
        topics.put(option, config.get(option));
      }
    }
    if (mayShadow()) {
      topics.put(RoutingOptions.SHADOW_TOPIC, shadowTopic);
    }
    controlTopic.ifPresent(topic -> topics.put(RoutingOptions.TOPIC, topic));
    PromptTopics.from(config).requireOthers(topics);
  }
}
