package ai.falaj.jobs.chaos;

import ai.falaj.benchmarks.report.ReportFiles;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.PipelineOptions;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.cli.StackOptions;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.cluster.ClusterOptions;
import ai.falaj.jobs.cluster.ClusterOptions.Scheduler;
import ai.falaj.jobs.cluster.ClusterOptions.TaskManagerSize;
import ai.falaj.jobs.cluster.ProcessCluster;
import ai.falaj.jobs.cluster.RunDirectory;
import ai.falaj.jobs.submit.FlinkRestException;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code falaj chaos}: a real cluster whose processes are killed under load, and the ledger. */
@Command(
    name = "chaos",
    description = {
      "Run the completion job on a cluster of real processes under load, kill and pause"
          + " TaskManagers, JobManager and broker by a seeded schedule, and see that every prompt"
          + " ends once.",
      "Exit code 1 if one does not."
    },
    footer = {
      "",
      "Example: falaj chaos --seed 7 --minutes 5",
      "  falaj chaos --kills 0 --taskmanagers 3 --parallelism 2 --rescale 3,1 --minutes 2"
    },
    sortOptions = false)
public final class ChaosCommand extends FalajCommand {

  private static final int PARTITIONS = 4;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of schedule and prompts (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "5",
      description = "How long prompts are sent (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--taskmanagers",
      paramLabel = "N",
      defaultValue = "2",
      description = "TaskManagers, with a slot each (default: ${DEFAULT-VALUE}).")
  private int taskManagers;

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      description = "Parallelism of the job at its start (default: the number of TaskManagers).")
  private Integer parallelism;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME|FILE",
      description =
          "A model that 'falaj model list' shows, or a .gguf file (default: scripted answers, whose"
              + " text is checked too).")
  private String model;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "6",
      description = "Prompts per second (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--kills",
      paramLabel = "N",
      description = "Kills and pauses together (default: 12 in five minutes, at least 6).")
  private Integer kills;

  @Option(
      names = "--rescale",
      paramLabel = "N",
      split = ",",
      description =
          "Parallelisms that the job is brought to, spread over the run; it then has the adaptive"
              + " scheduler.")
  private List<Integer> rescales = List.of();

  @Option(
      names = "--drain-minutes",
      paramLabel = "M",
      defaultValue = "4",
      description = "Longest wait for the last results (default: ${DEFAULT-VALUE}).")
  private double drainMinutes;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "A setting of the job; may be repeated.")
  private Map<String, String> job = new LinkedHashMap<>();

  @Option(names = "--out", paramLabel = "FILE", description = "Write the report there as JSON.")
  private Path out;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, InterruptedException, IOException {
    ChaosSettings settings;
    Configuration options;
    try {
      settings = settings();
      options = ChaosJob.options(settings);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    if (model != null) {
      PipelineOptions.prepare(model, console);
    }
    ClusterOptions clusterOptions = clusterOptions(settings, console);
    ChaosReport report;
    try (Interrupt interrupt = Interrupt.onRaised(() -> {})) {
      report = run(console, settings, options, clusterOptions, interrupt);
    }
    if (out != null) {
      ReportFiles.write(out, report);
    }
    if (console.isJson()) {
      console.json(report);
    }
    ChaosText.lines(report).forEach(console::say);
    if (!report.passed()) {
      console.note("falaj: logs of all processes are in " + clusterOptions.logDirectory());
    }
    return report.passed() ? ExitCodes.OK : ExitCodes.FAILURE;
  }

  private ChaosReport run(
      Console console,
      ChaosSettings settings,
      Configuration options,
      ClusterOptions clusterOptions,
      Interrupt interrupt)
      throws InterruptedException {
    ChaosSchedule schedule =
        ChaosSchedule.of(
            settings.seed(),
            settings.load(),
            settings.kills(),
            settings.taskManagers(),
            settings.rescales());
    try (ProcessCluster cluster = ProcessCluster.start(clusterOptions);
        Bars bars = new Bars(console)) {
      return new ChaosRun(cluster, settings, schedule, options, bars).run();
    } catch (FlinkRestException e) {
      interrupt.holdIfRaised();
      throw CliException.failure(
          e.getMessage(), "see the logs in " + clusterOptions.logDirectory(), e);
    } catch (RuntimeException e) {
      interrupt.holdIfRaised(); // the cluster was taken away by Ctrl-C: that is no error
      throw e;
    }
  }

  private ChaosSettings settings() {
    Duration load = Duration.ofMillis(Math.round(minutes * 60_000));
    return new ChaosSettings(
        seed,
        load,
        taskManagers,
        parallelism == null ? taskManagers : parallelism,
        rate,
        kills == null ? ChaosSettings.defaultKills(load) : kills,
        rescales,
        Duration.ofMillis(Math.round(drainMinutes * 60_000)),
        Optional.ofNullable(model),
        job);
  }

  private ClusterOptions clusterOptions(ChaosSettings settings, Console console)
      throws IOException {
    Path home = StackOptions.homeOf(directories());
    Path logs = directories().logs().resolve("chaos-" + settings.seed());
    Path data = RunDirectory.in(directories().cache().resolve("chaos"));
    return ClusterOptions.in(home, data, logs)
        .withTopics(Connection.defaultTopics(), PARTITIONS)
        .withTaskManagers(
            settings.taskManagers(),
            settings.isScripted() ? TaskManagerSize.SMALL : new TaskManagerSize(384, 64, List.of()))
        .withScheduler(settings.rescales().isEmpty() ? Scheduler.DEFAULT : Scheduler.ADAPTIVE)
        .withProgress(console::note);
  }

  /** Draws how far the run is: one bar for the load, then one for the drain. */
  private static final class Bars implements ChaosRun.Progress, AutoCloseable {
    private final Console console;
    private final ProgressBar load;
    private Optional<ProgressBar> drain = Optional.empty();

    Bars(Console console) {
      this.console = console;
      this.load = console.progress("chaos, seconds", ProgressBar.Unit.COUNT);
    }

    @Override
    public void loading(Duration elapsed, Duration planned) {
      load.update(elapsed.toSeconds(), OptionalLong.of(planned.toSeconds()));
    }

    @Override
    public void draining(int answered, int sent) {
      if (drain.isEmpty()) {
        load.close();
        drain = Optional.of(console.progress("draining", ProgressBar.Unit.COUNT));
      }
      drain.get().update(answered, OptionalLong.of(sent));
    }

    @Override
    public void close() {
      load.close();
      drain.ifPresent(ProgressBar::close);
    }
  }
}
