package ai.falaj.jobs.tools;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.schemas.Topics;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that open the topics of tools. */
final class ToolTopicOptions {

  @Option(
      names = "--tool-requests-topic",
      paramLabel = "TOPIC",
      defaultValue = Topics.TOOL_REQUESTS,
      description = "The job's falaj.topic.tool-requests (default: ${DEFAULT-VALUE}).")
  private String requests;

  @Option(
      names = "--tool-responses-topic",
      paramLabel = "TOPIC",
      defaultValue = Topics.TOOL_RESPONSES,
      description = "The job's falaj.topic.tool-responses (default: ${DEFAULT-VALUE}).")
  private String responses;

  @Mixin private ClientOptions connectionOptions;

  /**
   * Opens the topics, which have to be there.
   *
   * @throws ai.falaj.jobs.cli.CliException where broker or topics cannot be used
   */
  ToolCalls open(FalajDirectories directories) throws InterruptedException {
    Connection connection = connectionOptions.resolve(directories);
    Reachability.requireTopics(connection, List.of(requests, responses));
    return ToolCalls.open(connection, requests, responses);
  }
}
