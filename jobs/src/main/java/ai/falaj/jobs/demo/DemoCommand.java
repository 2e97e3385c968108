package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ConnectionOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ConsoleProgressListener;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.PipelineOptions;
import ai.falaj.jobs.cli.StackOptions;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.dashboard.StackDashboardOptions;
import ai.falaj.jobs.demo.DemoPrompts.DemoPrompt;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.terminal.Line;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj demo}: everything at once, on this machine or against services that run already. */
@Command(
    name = "demo",
    description = "Start everything, answer the example prompts and show how.",
    sortOptions = false,
    footer = {
      "",
      "With --bootstrap nothing is started: the prompts go to the job that runs there."
    })
public final class DemoCommand extends FalajCommand {

  /** Enough for the example prompts, in a KV cache that fits a small machine. */
  private static final int DEMO_CONTEXT_TOKENS = 2_048;

  @Option(
      names = "--exit",
      description = "Stop everything at the end instead of staying up until Ctrl-C.")
  private boolean exit;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = "Prompts to send (default: examples/demo-prompts.jsonl).")
  private Path prompts;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Longest wait for the next sign of any answer (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Mixin private PipelineOptions pipelineOptions;
  @Mixin private StackOptions stackOptions;
  @Mixin private StackDashboardOptions dashboardOptions;
  @Mixin private ConnectionOptions connectionOptions;

  @Override
  protected int run(Console console) throws Exception {
    requireSensible();
    List<DemoPrompt> wanted = DemoPrompts.read(promptFile());
    try (Interrupt interrupt = Interrupt.onRaised(() -> console.note("\nstopping"));
        DemoServices services = services(console)) {
      DemoSummary summary = answer(wanted, services, interrupt, console);
      report(summary, services, console);
      failIfServicesDid(services);
      if (!summary.isExact()) {
        return ExitCodes.FAILURE;
      }
      if (!exit && !connectionOptions.namesBroker()) {
        stayUp(services, console);
      }
      return ExitCodes.OK;
    }
  }

  private void requireSensible() {
    if (timeoutSeconds < 1) {
      throw CliException.usage("--timeout is " + timeoutSeconds, "give it 1 second or more");
    }
  }

  private Path promptFile() {
    if (prompts != null) {
      return prompts;
    }
    return directories()
        .home()
        .map(home -> home.resolve("examples/demo-prompts.jsonl"))
        .orElseThrow(
            () ->
                CliException.usage("the example prompts are not known", "name a file: --prompts"));
  }

  private DemoServices services(Console console) throws Exception {
    if (connectionOptions.namesBroker()) {
      Connection connection = connectionOptions.resolve(stackOptions.stateDirectory(directories()));
      Reachability.requireTopics(connection, connection.topics(RecordKind.ofEveryJob()));
      return new ExistingServices(connection);
    }
    LocalStackOptions stack = stackOptions.resolve(directories(), Connection.defaultTopics());
    Configuration job = pipelineOptions.configuration(stack.slots());
    if (!job.contains(CompletionOptions.CONTEXT_TOKENS)) {
      job.set(CompletionOptions.CONTEXT_TOKENS, DEMO_CONTEXT_TOKENS);
    }
    Checklist checklist = new Checklist(console);
    try (Checklist.Step step =
        checklist.begin("Model " + pipelineOptions.model() + " and llama.cpp are here")) {
      pipelineOptions.prepare(console);
      step.done();
    }
    LocalServices services =
        LocalServices.start(
            stack,
            job,
            pipelineOptions.parallelism(),
            ModelSpecs.fromOptions(job),
            checklist,
            new ConsoleProgressListener(console));
    if (!exit) {
      serve(services, checklist);
    }
    return services;
  }

  private void serve(LocalServices services, Checklist checklist) {
    try {
      services.serve(dashboardOptions, checklist);
    } catch (RuntimeException e) {
      services.close();
      throw e;
    }
  }

  private DemoSummary answer(
      List<DemoPrompt> wanted, DemoServices services, Interrupt interrupt, Console console)
      throws InterruptedException, ExecutionException {
    Connection connection = services.connection();
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry())) {
      Reachability.requirePromptSchema(connection, registry);
      return new DemoSession(services, console)
          .run(wanted, registry, Duration.ofSeconds(timeoutSeconds), interrupt);
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
  }

  private void report(DemoSummary summary, DemoServices services, Console console) {
    if (console.isJson()) {
      console.json(summary);
      return;
    }
    console.say("");
    String option =
        connectionOptions.namesBroker()
            ? " --bootstrap " + services.connection().bootstrapServers()
            : "";
    for (Line line :
        SummaryText.lines(
            summary,
            services.connection(),
            pages(services),
            option,
            console.terminal().columns())) {
      console.say(console.terminal().color() ? line.styled() : line.text());
    }
  }

  private static Map<String, String> pages(DemoServices services) {
    Map<String, String> pages = new LinkedHashMap<>();
    services.flinkUrl().ifPresent(url -> pages.put("Flink", url));
    services.dashboardUrl().ifPresent(url -> pages.put("dashboard", url));
    return pages;
  }

  private static void failIfServicesDid(DemoServices services) throws Exception {
    if (services.failure().isDone()) {
      throw services.failure().get();
    }
  }

  private static void stayUp(DemoServices services, Console console) throws Exception {
    console.say("");
    console.say("Everything stays up until Ctrl-C.");
    throw services.failure().get();
  }
}
