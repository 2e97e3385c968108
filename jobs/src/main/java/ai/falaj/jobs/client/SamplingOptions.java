package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.operators.RequestedSampling;
import ai.falaj.schemas.SamplingParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What an answer must be like, on the command line, with OpenAI's names and meanings. */
public final class SamplingOptions {

  @Option(names = "--max-tokens", paramLabel = "N", description = "Most tokens of the answer.")
  private Integer maxTokens;

  @Option(names = "--temperature", paramLabel = "T", description = "0 (greedy) to 2.")
  private Double temperature;

  @Option(names = "--top-p", paramLabel = "P", description = "Nucleus sampling, above 0 to 1.")
  private Double topP;

  @Option(names = "--top-k", paramLabel = "K", description = "Keep the K likeliest tokens.")
  private Integer topK;

  @Option(names = "--min-p", paramLabel = "P", description = "Least relative likelihood, 0 to 1.")
  private Double minP;

  @Option(names = "--seed", paramLabel = "N", description = "For the same answer again.")
  private Long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends the answer before this text; as often as needed.")
  private List<String> stop = List.of();

  @Option(
      names = "--repetition-penalty",
      paramLabel = "P",
      description = "Above 0 to 2; 1 changes nothing.")
  private Double repetitionPenalty;

  @Option(
      names = "-n",
      paramLabel = "N",
      description = "Answers wanted, 1 to 64; the prompt is read once for all of them.")
  private Integer samples;

  @Option(
      names = "--schema",
      paramLabel = "FILE",
      description = "JSON Schema that the answer satisfies, or a response_format of OpenAI's.")
  private Path schema;

  @Option(names = "--regex", paramLabel = "PATTERN", description = "Matches the whole answer.")
  private String regex;

  @Option(
      names = "--choice",
      paramLabel = "TEXT",
      description = "The answer is this text or another --choice.")
  private List<String> choice = List.of();

  @Option(
      names = "--reasoning-budget",
      paramLabel = "N",
      description = "Most tokens of reasoning; 0 for none.")
  private Integer reasoningBudget;

  @Option(names = "--logprobs", description = "Show how likely each token was.")
  private boolean logprobs;

  @Option(
      names = "--top-logprobs",
      paramLabel = "K",
      description = "Show the K likeliest tokens of each position too, up to 20.")
  private Integer topLogprobs;

  /**
   * The parameters that were given; the others are the model's or the job's defaults.
   *
   * @throws CliException naming a parameter that is out of its range, or a file that cannot be read
   */
  public SamplingParameters resolve() {
    SamplingParameters sampling =
        SamplingParameters.newBuilder()
            .setMaxTokens(maxTokens)
            .setTemperature(temperature)
            .setTopP(topP)
            .setTopK(topK)
            .setMinP(minP)
            .setSeed(seed)
            .setStop(stop)
            .setRepetitionPenalty(repetitionPenalty)
            .setN(samples)
            .setResponseFormat(schema == null ? null : read(schema))
            .setRegex(regex)
            .setChoice(choice)
            .setReasoningBudget(reasoningBudget)
            .setLogprobs(logprobs || topLogprobs != null ? true : null)
            .setTopLogprobs(topLogprobs)
            .build();
    try {
      RequestedSampling.requireValid(sampling);
    } catch (IllegalArgumentException e) {
      String[] problemAndRemedy = e.getMessage().split("; ", 2);
      throw CliException.usage(problemAndRemedy[0], problemAndRemedy[problemAndRemedy.length - 1]);
    }
    return sampling;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw CliException.usage(
          file + " cannot be read as text", "name a file with a JSON Schema in UTF-8", e);
    }
  }
}
