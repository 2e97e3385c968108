package ai.falaj.jobs.enrich.run;

import ai.falaj.jobs.enrich.EnrichmentFile.Price;
import ai.falaj.jobs.enrich.SampleJob;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an enrichment will take, by what a sample of it took: the document of {@code --plan --json}.
 * What nobody knows is left out, and no price is made up.
 *
 * @param records to enrich, where their number is known
 * @param sample what was tried
 * @param expected tokens of all records; equal questions are expected to be as frequent as in the
 *     sample, and are more frequent in the whole if anything
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Plan(Long records, SampleJob.Result sample, Tokens expected, List<Backend> backends) {

  /** Of prompts, of these those that the engine need not compute again, and of answers. */
  public record Tokens(long prompt, long cached, long completion) {}

  /**
   * One way to run it.
   *
   * @param source where its speed and its price are from
   * @param seconds null: its speed is not known
   * @param cost null: its price is not known
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Backend(String name, String source, Double seconds, Double cost, String currency) {}

  private static final double MILLION = 1e6;
  private static final double SECONDS_PER_HOUR = 3_600;

  /** The name in the price table that is this machine. */
  static final String LOCAL = "local";

  /**
   * @param records null where the input never ends: then everything is said of the sample
   * @param engine what answered the sample
   */
  static Plan of(Long records, SampleJob.Result sample, String engine, Map<String, Price> prices) {
    double factor =
        records == null || sample.records() == 0 ? 1 : (double) records / sample.records();
    Tokens expected =
        new Tokens(
            Math.round(sample.promptTokens() * factor),
            Math.round(sample.cachedTokens() * factor),
            Math.round(sample.completionTokens() * factor));
    List<Backend> backends = new ArrayList<>();
    double localSeconds = sample.seconds() * factor;
    Price local = prices.get(LOCAL);
    backends.add(
        new Backend(
            LOCAL + " (" + engine + ")",
            "measured on the sample",
            localSeconds,
            local == null || local.perHour() == null
                ? null
                : local.perHour() * localSeconds / SECONDS_PER_HOUR,
            local == null ? null : local.currency()));
    prices.forEach(
        (name, price) -> {
          if (!name.equals(LOCAL)) {
            backends.add(backend(name, price, expected));
          }
        });
    return new Plan(records, sample, expected, backends);
  }

  private static Backend backend(String name, Price price, Tokens tokens) {
    Double seconds =
        price.tokensPerSecond() == null ? null : tokens.completion() / price.tokensPerSecond();
    return new Backend(
        name, "the file's table", seconds, cost(price, tokens, seconds), price.currency());
  }

  /** Null where a part of it is not known. */
  private static Double cost(Price price, Tokens tokens, Double seconds) {
    if (price.perHour() != null) {
      return seconds == null ? null : price.perHour() * seconds / SECONDS_PER_HOUR;
    }
    if (price.inputPerMillion() == null || price.outputPerMillion() == null) {
      return null;
    }
    double cached =
        price.cachedInputPerMillion() == null
            ? price.inputPerMillion()
            : price.cachedInputPerMillion();
    return ((tokens.prompt() - tokens.cached()) * price.inputPerMillion()
            + tokens.cached() * cached
            + tokens.completion() * price.outputPerMillion())
        / MILLION;
  }
}
