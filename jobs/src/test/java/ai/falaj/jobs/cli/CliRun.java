package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One run of the command line in this JVM.
 *
 * @param exitCode what the process would have ended with
 * @param out standard output
 * @param err standard error
 */
record CliRun(int exitCode, String out, String err) {

  /** Runs it as the launcher would, with that cache folder. */
  static CliRun of(Path cache, String... args) {
    return of(
        new FalajDirectories(Optional.of(Path.of(System.getProperty("falaj.home"))), cache), args);
  }

  static CliRun of(FalajDirectories directories, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(
            args, new PrintWriter(out), new PrintWriter(err), TerminalSettings.none(), directories);
    return new CliRun(exitCode, out.toString(), err.toString());
  }
}
