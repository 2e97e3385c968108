package ai.falaj.jobs.eval;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.FalajVersion;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.JobKind;
import ai.falaj.jobs.eval.data.Problem;
import ai.falaj.jobs.eval.data.ProblemSet;
import ai.falaj.jobs.eval.run.PromptStyle;
import ai.falaj.jobs.eval.run.RunFolder;
import ai.falaj.jobs.eval.run.RunSettings;
import ai.falaj.schemas.PromptRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Option;

/** How problems are asked and where the results are kept. */
final class RunOptions {

  private static final int RUN_ID_LENGTH = 8;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the run (default: a new one in <cache>/evaluations).")
  private Path out;

  @Option(
      names = "--label",
      paramLabel = "NAME",
      description = "Name of the run in comparisons (default: the model's).")
  private String label;

  @Option(
      names = "--prompt-style",
      paramLabel = "STYLE",
      description =
          "plain, or k2_think with K2 Think's system prompt (default: as the model's name says; plain"
              + " for the reasoning job, which has a system prompt).")
  private PromptStyle style;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "System prompt in place of the style's; an empty one for none.")
  private String system;

  @Option(
      names = "--request-model",
      paramLabel = "NAME",
      description = "Model that the prompts name, if not the job's own.")
  private String requestModel;

  @Option(names = "--keep-reasoning", description = "Keep what the model thought in the results.")
  private boolean keepReasoning;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "Longest wait for the next result (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  void requireSensible() {
    if (timeoutSeconds < 1) {
      throw CliException.usage("--timeout is " + timeoutSeconds, "give it 1 second or more");
    }
  }

  Duration patience() {
    return Duration.ofSeconds(timeoutSeconds);
  }

  boolean keepsReasoning() {
    return keepReasoning;
  }

  Optional<String> label() {
    return Optional.ofNullable(label);
  }

  /**
   * Begins the run's folder or goes on with the one that is there.
   *
   * @param model that a local stack is started with; empty where the job is another's
   */
  RunFolder open(
      FalajDirectories directories, ProblemSet problems, Asking asking, Optional<String> model)
      throws IOException {
    RunSettings settings =
        new RunSettings(
            UUID.randomUUID().toString().substring(0, RUN_ID_LENGTH),
            Instant.now().truncatedTo(ChronoUnit.MILLIS).toString(),
            FalajVersion.current().falaj(),
            problems.name(),
            problems.problems().stream().map(Problem::id).toList(),
            problems.fingerprint(),
            asking.job().toString(),
            style(asking.job(), model).name() + " " + PromptStyle.VERSION,
            system,
            asking.sampling().toString(),
            asking.samples(),
            requestModel,
            model.orElse(null),
            label);
    return RunFolder.open(out == null ? newFolder(directories, settings) : out, settings);
  }

  private static Path newFolder(FalajDirectories directories, RunSettings settings) {
    return directories
        .cache()
        .resolve("evaluations")
        .resolve(settings.dataset() + "-" + settings.runId());
  }

  private PromptStyle style(JobKind job, Optional<String> model) {
    if (style != null) {
      return style;
    }
    if (job == JobKind.REASONING) {
      return PromptStyle.PLAIN;
    }
    return Optional.ofNullable(requestModel)
        .or(() -> model)
        .map(PromptStyle::of)
        .orElse(PromptStyle.PLAIN);
  }

  /** The request of a problem. */
  PromptRequest prompt(Problem problem, String requestId, Asking asking, RunSettings settings) {
    Map<String, String> metadata = new HashMap<>(asking.metadata());
    metadata.put("task", "eval");
    metadata.put("problem", problem.id());
    return PromptRequest.newBuilder()
        .setRequestId(requestId)
        .setMessages(
            style(asking.job(), Optional.ofNullable(settings.model()))
                .messages(problem, Optional.ofNullable(settings.system())))
        .setSampling(asking.sampling())
        .setModel(settings.requestModel())
        .setStream(false)
        .setMetadata(metadata)
        .setCreatedAt(Instant.now())
        .build();
  }
}
