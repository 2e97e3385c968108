package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.bench.BenchCommand;
import ai.falaj.jobs.bench.SoakCommand;
import ai.falaj.jobs.chaos.ChaosCommand;
import ai.falaj.jobs.client.ConsumeCommand;
import ai.falaj.jobs.client.ProduceCommand;
import ai.falaj.jobs.client.PromptCommand;
import ai.falaj.jobs.client.ReasonCommand;
import ai.falaj.jobs.client.TopicsCommand;
import ai.falaj.jobs.dashboard.DashboardCommand;
import ai.falaj.jobs.deadletters.DeadLettersCommand;
import ai.falaj.jobs.demo.DemoCommand;
import ai.falaj.jobs.enrich.run.EnrichCommand;
import ai.falaj.jobs.eval.EvalCommand;
import ai.falaj.jobs.gateway.GatewayCommand;
import ai.falaj.jobs.routes.RoutesCommand;
import ai.falaj.jobs.simulate.SimulateCommand;
import ai.falaj.jobs.size.SizeCommand;
import ai.falaj.jobs.sql.SqlCommand;
import ai.falaj.jobs.tools.ToolsCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * Root of the command line and main class of the launcher.
 *
 * <p>{@link #main} is the process: real streams, log file, exit code. {@link #run} is the same
 * without the process, for tests and for embedding; it never exits, never logs to a file and never
 * prints a stack trace unasked.
 */
@Command(
    name = "falaj",
    description = "Streaming inference for K2 Think on Apache Flink.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = false,
    sortOptions = false,
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      PromptCommand.class,
      ReasonCommand.class,
      ProduceCommand.class,
      ConsumeCommand.class,
      DeadLettersCommand.class,
      TopicsCommand.class,
      RoutesCommand.class,
      AnalyticsCommand.class,
      DashboardCommand.class,
      GatewayCommand.class,
      ToolsCommand.class,
      SubmitCommand.class,
      SqlCommand.class,
      EnrichCommand.class,
      EvalCommand.class,
      BenchCommand.class,
      SimulateCommand.class,
      SizeCommand.class,
      SoakCommand.class,
      ChaosCommand.class,
      ModelCommand.class,
      DoctorCommand.class,
      VersionCommand.class,
      CompletionCommand.class,
    },
    footer = {
      "",
      "Environment:",
      "  FALAJ_CACHE_DIR   models, libraries, logs, state (default: ~/.cache/falaj)",
      "  FALAJ_DEBUG       show stack traces, as --verbose does",
      "  NO_COLOR          print no colours",
      "",
      "Exit codes: 0 done, 1 failed, 2 a mistake or a missing prerequisite."
    })
public final class Falaj extends FalajCommand {

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print JSON for machines on standard output, words for people elsewhere.")
  private boolean json;

  @Option(
      names = "--no-color",
      scope = ScopeType.INHERIT,
      description = "Print no colours; so does the environment variable NO_COLOR.")
  private boolean noColor;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Show stack traces of errors.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      description = "Show the versions; as the command 'version'.")
  private boolean version;

  @Spec private CommandSpec rootSpec;

  private final PrintWriter out;
  private final PrintWriter err;
  private final TerminalSettings terminal;
  private final FalajDirectories directories;

  private Falaj(
      PrintWriter out, PrintWriter err, TerminalSettings terminal, FalajDirectories directories) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
    this.directories = directories;
  }

  /** The process: exits with one of {@link ExitCodes}. */
  public static void main(String[] args) {
    FalajDirectories directories = FalajDirectories.current();
    CliLogging.install(directories, args);
    TerminalSettings terminal = TerminalSettings.from(System.getProperties(), System.getenv());
    int exitCode =
        run(args, writer(FileDescriptor.out), writer(FileDescriptor.err), terminal, directories);
    System.exit(exitCode);
  }

  /** Runs one command line in this JVM, as if its output were no terminal. */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    return run(args, out, err, TerminalSettings.none(), FalajDirectories.current());
  }

  static int run(
      String[] args,
      PrintWriter out,
      PrintWriter err,
      TerminalSettings terminal,
      FalajDirectories directories) {
    return commandLine(out, err, terminal, directories).execute(args);
  }

  static CommandLine commandLine(
      PrintWriter out, PrintWriter err, TerminalSettings terminal, FalajDirectories directories) {
    ErrorReporter errors = new ErrorReporter(directories);
    return new CommandLine(new Falaj(out, err, terminal, directories))
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(Math.max(80, Math.min(terminal.columns(), 120)))
        .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.color() ? Ansi.ON : Ansi.OFF))
        .setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors);
  }

  /**
   * {@code falaj} alone shows the help and counts as a mistake; {@code falaj --version} does not.
   */
  @Override
  protected int run(Console console) throws Exception {
    if (version) {
      return VersionCommand.print(console);
    }
    rootSpec.commandLine().usage(err);
    return ExitCodes.USAGE;
  }

  Console console() {
    return new Console(out, err, json, noColor ? terminal.withoutColor() : terminal);
  }

  FalajDirectories installation() {
    return directories;
  }

  boolean isVerbose() {
    return verbose || !System.getenv().getOrDefault("FALAJ_DEBUG", "").isEmpty();
  }

  /** UTF-8 whatever the platform says: answers are in any script. */
  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }
}
