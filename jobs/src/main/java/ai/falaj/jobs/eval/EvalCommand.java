package ai.falaj.jobs.eval;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ConnectionOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ConsoleProgressListener;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.JobKind;
import ai.falaj.jobs.cli.PipelineOptions;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.cli.StackOptions;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.SamplingOptions;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.eval.data.Problem;
import ai.falaj.jobs.eval.data.ProblemSet;
import ai.falaj.jobs.eval.metrics.EvalReport;
import ai.falaj.jobs.eval.metrics.EvalReporter;
import ai.falaj.jobs.eval.run.EvalRun;
import ai.falaj.jobs.eval.run.EvalServices;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.RequestIds;
import ai.falaj.jobs.eval.run.RunFolder;
import ai.falaj.jobs.eval.run.RunSettings;
import ai.falaj.jobs.reasoning.ReasoningJobOptions;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj eval}: asks the problems of a data set, grades the answers and sums up. */
@Command(
    name = "eval",
    description = "Ask the problems of a data set, grade the answers and sum up.",
    sortOptions = false,
    subcommands = {EvalGradeCommand.class, EvalCompareCommand.class},
    footer = {
      "",
      "With --bootstrap nothing is started: the problems go to the job that runs there. A run that",
      "was interrupted goes on where it is given the same --out again. See docs/EVALUATION.md."
    })
public final class EvalCommand extends FalajCommand {

  @Mixin private ProblemOptions problemOptions;

  @Option(
      names = "--job",
      paramLabel = "NAME",
      defaultValue = "completion",
      description =
          "Job that answers: completion, or reasoning, whose candidates are the samples and whose"
              + " judge chooses among them (default: completion).")
  private JobKind job;

  @Mixin private RunOptions runOptions;
  @Mixin private SamplingOptions samplingOptions;
  @Mixin private PipelineOptions pipelineOptions;
  @Mixin private StackOptions stackOptions;
  @Mixin private ConnectionOptions connectionOptions;

  @Override
  protected int run(Console console) throws Exception {
    runOptions.requireSensible();
    Asking asking =
        Asking.of(
            job, samplingOptions.resolve(), pipelineOptions.setting(ReasoningJobOptions.SAMPLES));
    ProblemSet problems = problemOptions.read();
    Optional<String> model =
        connectionOptions.namesBroker() ? Optional.empty() : Optional.of(pipelineOptions.model());
    try (RunFolder folder = runOptions.open(directories(), problems, asking, model)) {
      List<Problem> left =
          problems.problems().stream()
              .filter(problem -> !folder.results().containsKey(problem.id()))
              .toList();
      int through = problems.problems().size() - left.size();
      if (through > 0) {
        console.note(through + " problems are through already");
      }
      List<Problem> missing = left.isEmpty() ? List.of() : ask(left, asking, folder, console);
      return report(problems, folder, missing, console);
    }
  }

  private List<Problem> ask(List<Problem> left, Asking asking, RunFolder folder, Console console)
      throws Exception {
    RunSettings settings = folder.settings();
    try (EvalServices services = services(asking, console);
        SchemaRegistry registry = new ConfluentSchemaRegistry(services.connection().registry())) {
      RequestIds ids = RequestIds.ofNewSession(settings);
      EvalRun run =
          new EvalRun(
              services.connection(),
              registry,
              job,
              ids,
              runOptions.keepsReasoning(),
              problem -> runOptions.prompt(problem, ids.of(problem), asking, settings));
      List<Problem> missing;
      try {
        Reachability.requirePromptSchema(services.connection(), registry);
        missing = follow(run, left, services, folder, console);
      } catch (SchemaRegistryException e) {
        throw Reachability.unusable(services.connection(), e);
      }
      if (services.failure().isDone()) {
        throw services.failure().get();
      }
      if (run.untraced() > 0) {
        console.note(
            run.untraced()
                + " problems have a completion and no trace; leave out --job reasoning where another job"
                + " answers, or name the topic with --traces-topic");
      }
      return missing;
    }
  }

  private List<Problem> follow(
      EvalRun run, List<Problem> left, EvalServices services, RunFolder folder, Console console)
      throws InterruptedException, ExecutionException, IOException {
    StartPoint start =
        folder.isResumed() && !services.areOwn()
            ? new StartPoint.Timestamp(Instant.parse(folder.settings().startedAt()))
            : new StartPoint.End();
    int total = folder.results().size() + left.size();
    try (Interrupt interrupt = Interrupt.onRaised(() -> stop(run, services, folder, console));
        ProgressBar progress = console.progress("answering", ProgressBar.Unit.COUNT)) {
      return run.run(
          left,
          start,
          runOptions.patience(),
          () -> services.failure().isDone(),
          interrupt,
          result -> {
            folder.add(result);
            progress.update(folder.results().size(), OptionalLong.of(total));
          });
    }
  }

  private static void stop(EvalRun run, EvalServices services, RunFolder folder, Console console) {
    if (!services.areOwn()) {
      run.cancelOpen();
    }
    console.note("\nstopped; go on with the same options and --out " + folder.folder());
  }

  private EvalServices services(Asking asking, Console console) throws Exception {
    if (connectionOptions.namesBroker()) {
      Connection connection = connectionOptions.resolve(stackOptions.stateDirectory(directories()));
      Reachability.requireTopics(
          connection,
          job == JobKind.REASONING
              ? connection.topics(RecordKind.values())
              : connection.topics(RecordKind.ofEveryJob()));
      return EvalServices.existing(connection);
    }
    LocalStackOptions stack = stackOptions.resolve(directories(), Connection.defaultTopics());
    Configuration settings = pipelineOptions.configuration(stack.slots(), job, asking.jobOptions());
    pipelineOptions.prepare(console);
    return EvalServices.start(
        stack.withProgress(console::note),
        job.local(),
        settings,
        pipelineOptions.parallelism(),
        new ConsoleProgressListener(console));
  }

  private int report(ProblemSet problems, RunFolder folder, List<Problem> missing, Console console)
      throws IOException {
    Map<String, ProblemResult> results = folder.results();
    RunSettings settings = folder.settings();
    EvalReport report =
        new EvalReporter()
            .report(
                settings.dataset(),
                runOptions.label().orElse(settings.label()),
                settings.samples(),
                problems.problems().stream()
                    .map(problem -> results.get(problem.id()))
                    .filter(Objects::nonNull)
                    .toList(),
                missing.stream().map(Problem::id).toList());
    RunFolder.writeReport(folder.folder(), report);
    if (console.isJson()) {
      console.json(report);
    } else {
      ReportText.lines(report).forEach(console::say);
    }
    console.note("results: " + folder.folder());
    if (!missing.isEmpty()) {
      throw CliException.failure(
          missing.size()
              + " problems have no result; nothing came for "
              + runOptions.patience().toSeconds()
              + " s",
          "check that a job answers, then go on with the same options and --out "
              + folder.folder());
    }
    if (report.counts().problemsWithCompletion() == 0) {
      EvalReport.Unanswered first = report.deadLetters().get(0);
      throw CliException.failure(
          "no problem was answered, the first one because of "
              + first.code()
              + ": "
              + first.message(),
          "see falaj dead-letters list");
    }
    return ExitCodes.OK;
  }
}
