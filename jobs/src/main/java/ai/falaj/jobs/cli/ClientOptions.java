package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.stack.StackDescription;
import java.nio.file.Path;
import java.util.Optional;
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
    return resolve(stateDirectoryOf(directories));
  }

  /** The local stack that {@link #resolve(FalajDirectories)} would use; empty where none runs. */
  public Optional<StackDescription> runningStack(FalajDirectories directories) {
    return StackDescription.running(stateDirectoryOf(directories));
  }

  private Path stateDirectoryOf(FalajDirectories directories) {
    return stateDirectory == null ? directories.stackState() : stateDirectory;
  }
}
