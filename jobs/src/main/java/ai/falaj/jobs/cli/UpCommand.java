package ai.falaj.jobs.cli;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.dashboard.Dashboard;
import ai.falaj.jobs.dashboard.StackDashboardOptions;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStack;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.runtime.RuntimeLoadException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj up}: the local stack with a job in it, until Ctrl-C. */
@Command(
    name = "up",
    description = "Start Kafka, a schema registry, Flink and a job on this machine.",
    footer = {"", "Everything listens on 127.0.0.1 only, starts empty and is gone after Ctrl-C."})
final class UpCommand extends FalajCommand {

  private static final List<String> TOPICS = Connection.defaultTopics();

  @Mixin private StackOptions stackOptions;

  @Mixin private PipelineOptions pipelineOptions;

  @Mixin private StackDashboardOptions dashboardOptions;

  @Option(
      names = "--show-prompts",
      description = "Show texts on the dashboard, and allow prompts from it.")
  private boolean showPrompts;

  @Option(
      names = "--job",
      paramLabel = "NAME",
      defaultValue = "completion",
      description = "completion, or reasoning: plan, best of N, a judge (default: completion).")
  private JobKind job;

  @Option(names = "--no-job", description = "Start the stack alone, for jobs of your own.")
  private boolean noJob;

  /**
   * As {@code --json} prints it when everything is ready; model and job are null with --no-job, the
   * dashboard with --no-dashboard.
   */
  record Ready(
      String bootstrapServers,
      String schemaRegistryUrl,
      String flinkUrl,
      String dashboardUrl,
      long pid,
      List<String> topics,
      String model,
      String jobId) {}

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, InterruptedException, ExecutionException {
    LocalStackOptions options =
        stackOptions.resolve(directories(), TOPICS).withProgress(console::note);
    return noJob ? runStack(console, options) : runPipeline(console, options);
  }

  private int runStack(Console console, LocalStackOptions options)
      throws InterruptedException, ExecutionException {
    try (LocalStack stack = LocalStack.start(options);
        Served served = serve(stack)) {
      announce(console, stack, served.url(), null, null);
      throw stack.failure().get();
    }
  }

  private int runPipeline(Console console, LocalStackOptions options)
      throws RuntimeLoadException, InterruptedException, ExecutionException {
    Configuration settings = pipelineOptions.configuration(options.slots(), job, Map.of());
    pipelineOptions.prepare(console);
    try (LocalPipeline pipeline =
            LocalPipeline.start(
                options,
                job.local(),
                settings,
                pipelineOptions.parallelism(),
                new ConsoleProgressListener(console));
        Served served = serve(pipeline.stack())) {
      announce(console, pipeline.stack(), served.url(), pipelineOptions.model(), pipeline.jobId());
      throw pipeline.failure().get();
    }
  }

  /** The dashboard, where there is one. */
  private record Served(Optional<Dashboard> dashboard) implements AutoCloseable {

    /** Null without a dashboard. */
    String url() {
      return dashboard.map(Dashboard::url).map(URI::toString).orElse(null);
    }

    @Override
    public void close() {
      dashboard.ifPresent(Dashboard::close);
    }
  }

  private Served serve(LocalStack stack) {
    StackDescription where = stack.description();
    return new Served(
        dashboardOptions.start(
            Connection.of(where.bootstrapServers(), where.schemaRegistryUrl()),
            URI.create(where.flinkUrl()),
            showPrompts));
  }

  private void announce(
      Console console, LocalStack stack, String dashboardUrl, String model, String jobId) {
    StackDescription where = stack.description();
    if (console.isJson()) {
      console.json(
          new Ready(
              where.bootstrapServers(),
              where.schemaRegistryUrl(),
              where.flinkUrl(),
              dashboardUrl,
              where.pid(),
              TOPICS,
              model,
              jobId));
      return;
    }
    console.say("");
    console.say(console.styled(Style.BOLD, "Falaj is up."));
    console.say("  Kafka            " + where.bootstrapServers());
    console.say("  Schema registry  " + where.schemaRegistryUrl());
    console.say("  Flink            " + where.flinkUrl());
    if (dashboardUrl != null) {
      console.say("  Dashboard        " + dashboardUrl);
    }
    console.say("  Topics           " + String.join(", ", TOPICS));
    if (model != null) {
      console.say("  Job              " + job);
      console.say("  Model            " + model);
    }
    console.say("  Logs             " + directories().logs());
    console.say("");
    console.say(
        model == null
            ? "Run a job: falaj submit -D falaj.model=... Stop with Ctrl-C."
            : "Ask: falaj prompt \"Why is the sky blue?\" Stop with Ctrl-C.");
  }
}
