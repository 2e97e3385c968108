package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.client.Connection;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@link ConnectionOptions} of the commands that start no stack themselves. */
public final class ClientOptions extends ConnectionOptions {

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "State folder of the local stack to use (default: <cache>/stack).")
  private Path stateDirectory;

  /** As {@link #resolve(Path)}, with the local stack of this installation. */
  public Connection resolve(FalajDirectories directories) {
    return resolve(stateDirectory == null ? directories.stackState() : stateDirectory);
  }
}
