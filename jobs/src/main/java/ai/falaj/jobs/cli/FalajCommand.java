package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Base of every command. A command implements {@link #run(Console)}: it returns one of {@link
 * ExitCodes}, throws {@link CliException} for what the user can mend, and lets everything
 * unexpected fly. Options shared by all commands ({@code --json}, {@code --no-color}, {@code
 * --verbose}) belong to the root and are inherited.
 *
 * <p>Every command is instantiated at every start, whichever is run. So a command holds no logger:
 * that alone would load the logging library and double the time of {@code falaj version}.
 */
public abstract class FalajCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public final Integer call() throws Exception {
    return run(root().console());
  }

  /**
   * Does the command's work, on the main thread.
   *
   * @return one of {@link ExitCodes}
   */
  protected abstract int run(Console console) throws Exception;

  /** Where this installation lies and may write. */
  protected final FalajDirectories directories() {
    return root().installation();
  }

  /** For commands that print help about themselves. */
  protected final CommandSpec spec() {
    return spec;
  }

  private Falaj root() {
    return (Falaj) spec.root().userObject();
  }
}
