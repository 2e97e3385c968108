package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ConsoleProgressListener;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.PipelineOptions;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.ModelOptions;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.reasoning.LocalReasoning;
import ai.falaj.jobs.reasoning.LocalReasoning.Result;
import ai.falaj.jobs.reasoning.ReasoningJobOptions;
import ai.falaj.jobs.reasoning.ReasoningSettings;
import ai.falaj.jobs.stack.LoadedRuntimes;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.models.ModelCatalogue;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj reason}: one question through the reasoning job's stages, in this process. */
@Command(
    name = "reason",
    description =
        "Plan, solve several times, compare: one question, and how its answer came about.",
    footer = {
      "",
      "Example: falaj reason \"What is 17 * 23?\" --samples 3 -D falaj.reasoning.selection=MAJORITY",
      "No broker is needed. Models of their own for the roles: -D falaj.reasoning.planner.model=NAME,",
      "likewise solver and judge; NAME is a model or file, or one of -D falaj.models.NAME.*."
    },
    sortOptions = false)
public final class ReasonCommand extends FalajCommand {

  @Parameters(paramLabel = "TEXT", description = "The question; - reads it from standard input.")
  private String question;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME|FILE",
      description =
          "A model that 'falaj model list' shows, or a .gguf file (default: "
              + ModelCatalogue.DEMO_MODEL
              + "). Several: -D falaj.models.NAME.model=..., see docs/REASONING.md.")
  private String model;

  @Option(
      names = {"-n", "--samples"},
      paramLabel = "N",
      description = "Candidates; stands for falaj.reasoning.samples.")
  private Integer samples;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "A setting of the reasoning job; may be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  protected int run(Console console)
      throws IOException, InterruptedException, RuntimeLoadException {
    String text =
        question.equals("-")
            ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
            : question;
    if (text.isBlank()) {
      throw CliException.usage("the question is empty", "give it some text");
    }
    ReasoningSettings reasoning = reasoning();
    for (String file : ReasoningSettings.modelFiles(configuration())) {
      PipelineOptions.prepare(file, console);
    }
    try (LoadedRuntimes loaded =
        LoadedRuntimes.load(reasoning.models().specs(), new ConsoleProgressListener(console))) {
      Objects.requireNonNull(loaded);
      return report(LocalReasoning.run(reasoning, request(text)), console);
    }
  }

  private ReasoningSettings reasoning() {
    Configuration configuration = configuration();
    try {
      return ReasoningSettings.from(configuration, ModelSpecs::fromOptions);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
  }

  private Configuration configuration() {
    Configuration configuration = Configuration.fromMap(settings);
    if (model != null || ModelOptions.names(configuration).isEmpty()) {
      configuration.set(CompletionOptions.MODEL, model == null ? ModelCatalogue.DEMO_MODEL : model);
    }
    if (samples != null) {
      configuration.set(ReasoningJobOptions.SAMPLES, samples);
    }
    LocalReasoning.addWhatNobodyConnectsTo(configuration);
    return configuration;
  }

  private static PromptRequest request(String text) {
    return PromptRequest.newBuilder()
        .setRequestId("reason-" + UUID.randomUUID())
        .setMessages(
            List.of(ChatMessage.newBuilder().setRole("user").setContent(text.strip()).build()))
        .setStream(false)
        .setCreatedAt(Instant.now())
        .build();
  }

  private static int report(Result result, Console console) {
    if (console.isJson()) {
      Map<String, Object> document = new LinkedHashMap<>();
      result
          .completion()
          .ifPresent(completion -> document.put("completion", RecordJson.document(completion)));
      result
          .deadLetter()
          .ifPresent(letter -> document.put("dead_letter", RecordJson.document(letter)));
      result.trace().ifPresent(trace -> document.put("trace", RecordJson.document(trace)));
      console.json(document);
    } else {
      result.trace().ifPresent(new TracePrinter(console)::print);
      result
          .completion()
          .ifPresent(
              completion -> {
                console.say(console.styled(Style.BOLD, "answer"));
                console.say(completion.getAnswer().strip());
              });
    }
    if (result.deadLetter().isPresent()) {
      throw CliException.failure(
          "there is no answer: %s, %s"
              .formatted(
                  result.deadLetter().get().getErrorCode(), result.deadLetter().get().getMessage()),
          "ask again");
    }
    return ExitCodes.OK;
  }
}
