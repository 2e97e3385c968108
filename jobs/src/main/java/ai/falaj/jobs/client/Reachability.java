package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.operators.kafka.access.BrokerAccess;
import ai.falaj.operators.kafka.access.BrokerAccessException;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.util.List;
import java.util.Map;

/**
 * Finds out whether broker and registry can be used, within seconds, and says in words what a Kafka
 * client would only log. Any thread.
 */
public final class Reachability {

  private Reachability() {}

  /**
   * Returns when the broker knows these topics; without any, when it answers.
   *
   * @throws CliException where it does not answer, lets nobody in, or lacks a topic
   */
  public static void requireTopics(Connection connection, List<String> topics)
      throws InterruptedException {
    try {
      BrokerAccess.require(connection.clientSettings(Map.of()), topics);
    } catch (BrokerAccessException e) {
      throw switch (e.kind()) {
        case UNREACHABLE ->
            CliException.usage(
                e.problem(), "start one with: falaj up, or give --bootstrap", e.getCause());
        case MISSING_TOPIC ->
            CliException.usage(
                e.problem(),
                "create it with: falaj topics, or name yours with the --...-topic options",
                e.getCause());
        case REFUSED -> CliException.usage(e.problem(), e.remedy() + " (-X or --config)", e);
        case SETTINGS -> CliException.usage(e.problem(), "correct --bootstrap, -X or --config", e);
        case OTHER -> CliException.failure(e.problem(), e.remedy(), e.getCause());
      };
    }
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
