package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Sends the log to {@code <cache>/logs/<command>.log}, never to the terminal. The layout and the
 * levels are in {@code falaj-log4j2.xml}; a user's own {@code -Dlog4j2.configurationFile} wins.
 */
final class CliLogging {

  private static final String CONFIGURATION = "log4j2.configurationFile";
  private static final String FILE = "falaj.log.file";

  private CliLogging() {}

  /** Must run before the first logger exists, so before any class of Flink or Kafka is loaded. */
  static void install(FalajDirectories directories, String[] args) {
    if (System.getProperty(CONFIGURATION) != null) {
      return;
    }
    System.setProperty(FILE, directories.logs().resolve(commandName(args) + ".log").toString());
    System.setProperty(CONFIGURATION, "falaj-log4j2.xml");
  }

  /** The log file of this process, where {@link #install} chose one. */
  static Optional<Path> file() {
    return Optional.ofNullable(System.getProperty(FILE)).map(Path::of);
  }

  private static String commandName(String[] args) {
    return Arrays.stream(args)
        .filter(arg -> arg.matches("[a-z]{1,20}"))
        .findFirst()
        .orElse("falaj");
  }
}
