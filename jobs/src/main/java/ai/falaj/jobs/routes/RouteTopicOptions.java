package ai.falaj.jobs.routes;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.schemas.Topics;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that open the control topic. */
final class RouteTopicOptions {

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      defaultValue = Topics.ROUTES,
      description = "The job's falaj.routes.topic (default: ${DEFAULT-VALUE}).")
  private String topic;

  @Mixin private ClientOptions connectionOptions;

  /**
   * Opens the topic, which has to be there.
   *
   * @throws ai.falaj.jobs.cli.CliException where broker or topic cannot be used
   */
  RouteTopic open(FalajDirectories directories) throws InterruptedException {
    Connection connection = connectionOptions.resolve(directories);
    Reachability.requireTopics(connection, List.of(topic));
    return RouteTopic.open(connection, topic);
  }
}
