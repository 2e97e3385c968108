package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.schemas.SamplingParameters;
import java.util.List;
import picocli.CommandLine.Option;

/** Sampling parameters on the command line, with OpenAI's names and meanings. */
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

  /**
   * The parameters that were given; the others are the model's or the job's defaults.
   *
   * @throws CliException naming a parameter that is out of its range
   */
  SamplingParameters resolve() {
    SamplingParameters sampling =
        SamplingParameters.newBuilder()
            .setMaxTokens(maxTokens)
            .setTemperature(temperature)
            .setTopP(topP)
            .setTopK(topK)
            .setMinP(minP)
            .setSeed(seed)
            .setStop(stop)
            .build();
    try {
      SamplingJson.requireValid(sampling);
    } catch (IllegalArgumentException e) {
      String[] problemAndRemedy = e.getMessage().split("; ", 2);
      throw CliException.usage(problemAndRemedy[0], problemAndRemedy[problemAndRemedy.length - 1]);
    }
    return sampling;
  }
}
