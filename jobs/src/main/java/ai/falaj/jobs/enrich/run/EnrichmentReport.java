package ai.falaj.jobs.enrich.run;

import ai.falaj.jobs.enrich.totals.Distribution;
import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * What an enrichment came to: the document of {@code --json}, and {@code report.json}. Holds no
 * prompts; records only where samples were asked for.
 *
 * @param seconds that this run took; over all runs of an enrichment that was resumed, the totals
 *     are those of all, and the rates are left out
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EnrichmentReport(
    String name,
    String input,
    String output,
    double seconds,
    long records,
    long enriched,
    long reused,
    long askedAgain,
    long deadLetters,
    Map<String, Long> errors,
    Tokens tokens,
    Double recordsPerSecond,
    Double tokensPerSecond,
    Lengths promptTokens,
    Lengths completionTokens,
    Lengths latencyMs,
    Map<String, Map<String, Long>> values,
    Map<String, Long> provenance,
    List<EnrichmentTotals.Sample> samples) {

  /** Of the generations that were made; answers that were reused cost none. */
  public record Tokens(long prompt, long cached, long reasoning, long completion) {}

  /**
   * Quantiles, right to 19%, and how many are how large.
   *
   * @param counts by upper end
   */
  public record Lengths(
      long count, double mean, long p50, long p95, long p99, long most, Map<Long, Long> counts) {

    static Lengths of(Distribution distribution) {
      return new Lengths(
          distribution.count(),
          distribution.mean(),
          distribution.quantile(0.5),
          distribution.quantile(0.95),
          distribution.quantile(0.99),
          distribution.most(),
          distribution.byUpperEnd());
    }
  }

  /**
   * @param resumed whether the totals are of runs before, too
   */
  static EnrichmentReport of(
      String name,
      String input,
      String output,
      double seconds,
      boolean resumed,
      EnrichmentTotals totals) {
    return new EnrichmentReport(
        name,
        input,
        output,
        seconds,
        totals.records(),
        totals.enriched(),
        totals.reused(),
        totals.askedAgain(),
        totals.deadLetters(),
        totals.errors(),
        new Tokens(
            totals.promptTokens(),
            totals.cachedTokens(),
            totals.reasoningTokens(),
            totals.completionTokens()),
        resumed ? null : totals.records() / seconds,
        resumed ? null : totals.completionTokens() / seconds,
        Lengths.of(totals.promptLengths()),
        Lengths.of(totals.completionLengths()),
        Lengths.of(totals.latenciesMs()),
        totals.values(),
        totals.provenance(),
        totals.samples().isEmpty() ? null : totals.samples());
  }
}
