package ai.falaj.jobs.cli;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.io.PrintWriter;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The one place where an exception becomes an exit code and a line on standard error.
 *
 * <ul>
 *   <li>a command line that does not parse: 2
 *   <li>{@link CliException} and {@link StackException}: the code they carry, their message
 *   <li>{@link RuntimeLoadException} (model, libraries) and {@link SchemaRegistryException}: 2,
 *       since something has to be there first; their messages name the remedy
 *   <li>{@link BenchmarkException}: 1, its message
 *   <li>anything else is unexpected: 1, its message, and where the log with the trace is
 * </ul>
 */
final class ErrorReporter implements IExecutionExceptionHandler, IParameterExceptionHandler {

  private final FalajDirectories directories;

  ErrorReporter(FalajDirectories directories) {
    this.directories = directories;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String help = "see '" + command.getCommandSpec().qualifiedName() + " --help'";
    List<String> similar =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    String remedy = similar.isEmpty() ? help : "did you mean '" + similar.get(0) + "'? " + help;
    printLine(command.getErr(), oneLine(e.getMessage()) + "; " + remedy);
    return ExitCodes.USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    Falaj root = (Falaj) command.getCommandSpec().root().userObject();
    PrintWriter err = command.getErr();
    int exitCode;
    if (e instanceof CliException known) {
      printLine(err, oneLine(known.getMessage()));
      exitCode = known.exitCode();
    } else if (e instanceof StackException known) {
      printLine(err, oneLine(known.getMessage()));
      exitCode = known.isPrerequisite() ? ExitCodes.USAGE : ExitCodes.FAILURE;
    } else if (e instanceof RuntimeLoadException || e instanceof SchemaRegistryException) {
      printLine(err, oneLine(e.getMessage()));
      exitCode = ExitCodes.USAGE;
    } else if (e instanceof BenchmarkException) {
      printLine(err, oneLine(e.getMessage()));
      exitCode = ExitCodes.FAILURE;
    } else {
      printLine(err, unexpected(e));
      exitCode = ExitCodes.FAILURE;
    }
    if (root.isVerbose()) {
      e.printStackTrace(err);
      err.flush();
    }
    LoggerFactory.getLogger(ErrorReporter.class)
        .error("{} failed", command.getCommandSpec().qualifiedName(), e);
    return exitCode;
  }

  private String unexpected(Exception e) {
    String message = e.getMessage() == null ? "" : ": " + oneLine(e.getMessage());
    return "unexpected "
        + e.getClass().getSimpleName()
        + message
        + "; the trace is in "
        + CliLogging.file().map(Object::toString).orElse(directories.logs().toString())
        + ", or run it again with --verbose";
  }

  private static void printLine(PrintWriter err, String line) {
    err.println("falaj: " + line);
    err.flush();
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
