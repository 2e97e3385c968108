package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of the commands that start a local stack. */
public final class StackOptions {

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "Port of the broker; 0 lets the system choose (default: 9092).")
  private Integer kafkaPort;

  @Option(
      names = "--registry-port",
      paramLabel = "PORT",
      description = "Port of the schema registry; 0 lets the system choose (default: 8082).")
  private Integer registryPort;

  @Option(
      names = "--flink-port",
      paramLabel = "PORT",
      description =
          "Port of Flink's web UI and REST API; 0 lets the system choose (default: 8088).")
  private Integer flinkPort;

  @Option(
      names = "--port-offset",
      paramLabel = "N",
      defaultValue = "0",
      description = "Added to the default ports, for a second stack (default: ${DEFAULT-VALUE}).")
  private int portOffset;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of each topic (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "Slots of Flink's TaskManager; they share one model (default: ${DEFAULT-VALUE}).")
  private int slots;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "State of the stack: one stack per folder (default: <cache>/stack).")
  private Path stateDirectory;

  /**
   * What these options ask for.
   *
   * @param topics to create
   * @throws CliException where this is no installation that could start a stack
   */
  public LocalStackOptions resolve(FalajDirectories directories, List<String> topics) {
    return LocalStackOptions.in(
            homeOf(directories), stateDirectory(directories), directories.logs())
        .withPorts(ports())
        .withTopics(topics, partitions)
        .withSlots(slots);
  }

  /**
   * Where the files of the broker and the registry lie.
   *
   * @throws CliException where this is no installation that could start them
   */
  public static Path homeOf(FalajDirectories directories) {
    return directories
        .home()
        .orElseThrow(
            () ->
                CliException.usage(
                    "the broker's and the registry's files are not known",
                    "start Falaj with its launcher, or set -Dfalaj.home"));
  }

  /** The state folder these options name. */
  public Path stateDirectory(FalajDirectories directories) {
    return stateDirectory == null ? directories.stackState() : stateDirectory.toAbsolutePath();
  }

  private StackPorts ports() {
    StackPorts defaults = StackPorts.DEFAULT.plus(portOffset);
    return new StackPorts(
        kafkaPort == null ? defaults.kafka() : kafkaPort,
        registryPort == null ? defaults.registry() : registryPort,
        flinkPort == null ? defaults.flink() : flinkPort);
  }
}
