package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.stack.StackDescription;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Options of the commands that talk to a broker and a registry: the running local stack's, unless
 * named.
 */
public final class ConnectionOptions {

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Kafka to use (default: that of the running local stack).")
  private String bootstrapServers;

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description = "Schema registry to use (default: that of the running local stack).")
  private String schemaRegistryUrl;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "State folder of the local stack to use (default: <cache>/stack).")
  private Path stateDirectory;

  /** Both addresses, resolved. */
  public record Connection(String bootstrapServers, String schemaRegistryUrl) {}

  /**
   * What to connect to: the options, else the running local stack.
   *
   * @throws CliException when an address is neither given nor known from a running stack
   */
  public Connection resolve(FalajDirectories directories) {
    if (bootstrapServers != null && schemaRegistryUrl != null) {
      return new Connection(bootstrapServers, schemaRegistryUrl);
    }
    Path state = stateDirectory == null ? directories.stackState() : stateDirectory;
    Optional<StackDescription> running = StackDescription.running(state);
    if (running.isEmpty()) {
      throw CliException.usage(
          "no local stack runs (looked in " + state + ")",
          "start one with 'falaj up', or name yours with --bootstrap-servers and --registry");
    }
    return new Connection(
        bootstrapServers == null ? running.get().bootstrapServers() : bootstrapServers,
        schemaRegistryUrl == null ? running.get().schemaRegistryUrl() : schemaRegistryUrl);
  }
}
