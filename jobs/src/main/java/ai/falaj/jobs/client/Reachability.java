package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Finds out whether broker and registry can be used, within seconds, and says in words what a Kafka
 * client would only log. Any thread.
 */
public final class Reachability {

  /** Longer than a broker takes to answer over any network, shorter than anyone's patience. */
  static final int ANSWER_LIMIT_MS = 6_000;

  private Reachability() {}

  /**
   * Returns when the broker knows these topics.
   *
   * @throws CliException where it does not answer, lets nobody in, or lacks a topic
   */
  public static void requireTopics(Connection connection, List<String> topics)
      throws InterruptedException {
    try (Admin admin = admin(connection)) {
      admin.describeTopics(topics).allTopicNames().get();
    } catch (ExecutionException e) {
      throw unusable(connection, topics, e.getCause());
    }
  }

  /**
   * A client for quick questions.
   *
   * @throws CliException where the settings are wrong
   */
  static Admin admin(Connection connection) {
    Map<String, Object> settings = connection.clientSettings(Map.of());
    // The user's own time-outs are for sending and reading; this question has to be a quick one.
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_LIMIT_MS / 2);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_LIMIT_MS);
    try {
      return Admin.create(settings);
    } catch (KafkaException e) {
      throw wrongSettings(e);
    }
  }

  static CliException unusable(Connection connection, List<String> topics, Throwable cause) {
    String broker = connection.bootstrapServers();
    if (cause instanceof TimeoutException) {
      return CliException.usage(
          "no Kafka broker answers at " + broker,
          "start one with: falaj up, or give --bootstrap",
          cause);
    }
    if (cause instanceof UnknownTopicOrPartitionException) {
      return CliException.usage(
          "the broker at " + broker + " lacks a topic of " + String.join(", ", topics),
          "create it with: falaj topics, or name yours with the --...-topic options",
          cause);
    }
    if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
      return CliException.usage(
          "the broker at " + broker + " lets this client not in: " + cause.getMessage(),
          "check security.protocol and the sasl.* or ssl.* settings (-X or --config)",
          cause);
    }
    return CliException.failure(
        "the broker at " + broker + " answered: " + cause.getMessage(), "see its log", cause);
  }

  private static CliException wrongSettings(KafkaException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return CliException.usage(
        "the Kafka settings are wrong: " + root.getMessage(),
        "correct --bootstrap, -X or --config",
        e);
  }

  /**
   * Returns when the registry holds the schema of prompts; registers it where it does not, unless
   * {@code auto.register.schemas} is false.
   *
   * @throws CliException with the remedy, where the registry cannot be used
   */
  public static void requirePromptSchema(Connection connection, SchemaRegistry registry) {
    String subject = Topics.valueSubject(connection.topic(RecordKind.PROMPTS));
    try {
      if (connection.registersSchemas()) {
        registry.register(subject, PromptRequest.getClassSchema());
      } else {
        registry.schemaId(subject, PromptRequest.getClassSchema());
      }
    } catch (SchemaRegistryException e) {
      throw unusable(connection, e);
    }
  }

  /** The same in words for a command that was at work already. */
  public static CliException unusable(Connection connection, SchemaRegistryException e) {
    return switch (e.kind()) {
      case UNREACHABLE ->
          CliException.usage(
              "no schema registry answers at " + connection.registry().displayUrls(),
              "start one with: falaj up, or give --registry",
              e);
      case UNAUTHORIZED, OTHER, NOT_FOUND ->
          CliException.usage(e.getMessage(), "check --registry, -X and --config", e);
      case INCOMPATIBLE ->
          CliException.usage(
              e.getMessage(), "use the Falaj release that this registry was used with", e);
    };
  }
}
