package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.ShadowOptions;
import ai.falaj.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/** How requests are shared out between the models of a job; a part of {@link CompletionOptions}. */
public final class RoutingOptions {

  /** Of the routes themselves, with the route's name behind it. */
  public static final String PREFIX = "falaj.routes.";

  /** Stands for a route's name in the documentation. */
  static final String PLACEHOLDER = "<name>";

  public static final ConfigOption<String> TOPIC =
      key(PREFIX + "topic")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Compacted topic that changes routes while the job runs, such as "
                  + Topics.ROUTES
                  + "; falaj routes writes it. Costs an exchange over the network. Not set: routes"
                  + " stay as they are configured, in the chain of the source.");

  public static final ConfigOption<String> SHADOW_TOPIC =
      key("falaj.shadow.topic")
          .stringType()
          .defaultValue(Topics.SHADOWS)
          .withDescription(
              "Topic for the completions of shadow models. They are written at once, at least once"
                  + " while the job runs; those in flight are lost with it.");

  public static final ConfigOption<Integer> SHADOW_MAX_IN_FLIGHT =
      key("falaj.shadow.max-in-flight")
          .intType()
          .defaultValue(ShadowOptions.DEFAULT.maxInFlight())
          .withDescription(
              "Copies that one subtask generates at once; what comes beyond is dropped. More shadow"
                  + " more of a burst and take more from requests that the same engine answers.");

  public static final ConfigOption<Duration> SHADOW_TIMEOUT =
      key("falaj.shadow.timeout")
          .durationType()
          .defaultValue(ShadowOptions.DEFAULT.timeout())
          .withDescription(
              "After which a copy is given up. Shorter frees its place earlier when the shadow"
                  + " model hangs.");

  private RoutingOptions() {}

  public static ConfigOption<String> route(String name) {
    return key(PREFIX + name)
        .stringType()
        .noDefaultValue()
        .withDescription(
            "Shares the requests for this name out between models by weight, and copies some of"
                + " them for shadow models by percentage: k2:90,k2-canary:10 shadow gpt-oss:5."
                + " The route 'default' is that of requests that name no model; 'topic' is no"
                + " route's name here.");
  }

  /** In the order of the documentation. */
  static List<ConfigOption<?>> all() {
    return List.of(TOPIC, SHADOW_TOPIC, SHADOW_MAX_IN_FLIGHT, SHADOW_TIMEOUT);
  }

  /** As the documentation shows the others. */
  static List<ConfigOption<?>> documented() {
    return List.of(route(PLACEHOLDER));
  }

  /** Whether a key is a route. */
  static boolean isRoute(String key) {
    return key.startsWith(PREFIX) && key.length() > PREFIX.length() && !key.equals(TOPIC.key());
  }

  /** The routes that are configured. */
  static SortedSet<String> names(ReadableConfig config) {
    SortedSet<String> names = new TreeSet<>();
    config.toMap().keySet().stream()
        .filter(RoutingOptions::isRoute)
        .forEach(key -> names.add(key.substring(PREFIX.length())));
    return names;
  }
}
