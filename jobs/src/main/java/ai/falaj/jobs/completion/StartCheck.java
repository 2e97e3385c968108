package ai.falaj.jobs.completion;

import ai.falaj.operators.kafka.access.BrokerAccess;
import ai.falaj.operators.kafka.access.BrokerAccessException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.CommonClientConfigs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a job that can never run before it is submitted: Flink would start it again and again,
 * and its user would find the reason in a log. What may pass by itself, such as a broker that is
 * down, is left to Flink's restarts, since a job that goes on after a failure comes by here too.
 */
public final class StartCheck {

  private static final Logger LOG = LoggerFactory.getLogger(StartCheck.class);

  private StartCheck() {}

  /**
   * Asks the broker for the job's topics; a matter of seconds.
   *
   * @throws IllegalArgumentException with one line that says why the broker does not let it in, or
   *     which topic is not there
   */
  public static void run(ReadableConfig config, CompletionSettings settings)
      throws InterruptedException {
    run(
        config,
        settings,
        Stream.concat(
                settings.prompts().names().stream(),
                Stream.of(
                    settings.chunksTopic(),
                    settings.completionsTopic(),
                    settings.deadLettersTopic()))
            .toList());
  }

  /** The same of a job with other topics. */
  public static void run(ReadableConfig config, CompletionSettings settings, List<String> topics)
      throws InterruptedException {
    if (!config.get(CompletionOptions.BOOTSTRAP_CHECK_AT_START)) {
      return;
    }
    Map<String, Object> client = new HashMap<>(settings.kafkaProperties());
    client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    try {
      BrokerAccess.require(client, topics);
    } catch (BrokerAccessException e) {
      switch (e.kind()) {
        case REFUSED, SETTINGS, MISSING_TOPIC ->
            throw new IllegalArgumentException(
                e.getMessage() + " (" + CompletionOptions.KAFKA_PROPERTIES_PREFIX + "*)", e);
        case UNREACHABLE, OTHER -> LOG.warn("The job is submitted all the same: {}", e.problem());
      }
    }
  }
}
