package ai.falaj.operators.analytics;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Sums over records. Immutable. Adding up is commutative and associative, sketches included: the
 * sums of parts in any order are those of the whole.
 *
 * @param requests completions
 * @param timeToFirstToken of completions
 * @param total time of completions
 * @param finishReasons completions by reason
 * @param errors dead letters by code
 * @param pricedRequests completions whose model has a price
 * @param costNanos of these
 * @param labels occurrences by label
 */
public record UsageTotals(
    long requests,
    long deadLetters,
    long chunks,
    long promptTokens,
    long cachedTokens,
    long reasoningTokens,
    long completionTokens,
    long streamedTokens,
    LatencySketch timeToFirstToken,
    LatencySketch total,
    Map<String, Long> finishReasons,
    Map<String, Long> errors,
    long pricedRequests,
    long costNanos,
    Map<String, Long> labels) {

  static final UsageTotals NOTHING = new Builder().build();

  public UsageTotals {
    Objects.requireNonNull(timeToFirstToken, "timeToFirstToken");
    Objects.requireNonNull(total, "total");
    finishReasons = Map.copyOf(finishReasons);
    errors = Map.copyOf(errors);
    labels = Map.copyOf(labels);
  }

  UsageTotals plus(UsageTotals other) {
    Builder sum = new Builder();
    sum.add(this);
    sum.add(other);
    return sum.build();
  }

  /** The same with other names of labels; those that become one are added up. */
  UsageTotals withLabels(Map<String, Long> renamed) {
    return new UsageTotals(
        requests,
        deadLetters,
        chunks,
        promptTokens,
        cachedTokens,
        reasoningTokens,
        completionTokens,
        streamedTokens,
        timeToFirstToken,
        total,
        finishReasons,
        errors,
        pricedRequests,
        costNanos,
        renamed);
  }

  /** Records of all kinds. */
  long records() {
    return requests + deadLetters + chunks;
  }

  /** Adds up. Confined to its owner. */
  static final class Builder {

    private long requests;
    private long deadLetters;
    private long chunks;
    private long promptTokens;
    private long cachedTokens;
    private long reasoningTokens;
    private long completionTokens;
    private long streamedTokens;
    private final LatencySketch.Builder timeToFirstToken = new LatencySketch.Builder();
    private final LatencySketch.Builder total = new LatencySketch.Builder();
    private final Map<String, Long> finishReasons = new TreeMap<>();
    private final Map<String, Long> errors = new TreeMap<>();
    private long pricedRequests;
    private long costNanos;
    private final Map<String, Long> labels = new TreeMap<>();

    void add(UsageEvent.Fact fact) {
      if (fact instanceof UsageEvent.Answered answered) {
        add(answered);
      } else if (fact instanceof UsageEvent.Failed failed) {
        deadLetters++;
        errors.merge(failed.errorCode(), 1L, Long::sum);
      } else if (fact instanceof UsageEvent.Streamed streamed) {
        chunks++;
        streamedTokens += streamed.tokens();
      }
    }

    private void add(UsageEvent.Answered answered) {
      requests++;
      promptTokens += answered.promptTokens();
      cachedTokens += answered.cachedTokens();
      reasoningTokens += answered.reasoningTokens();
      completionTokens += answered.completionTokens();
      timeToFirstToken.add(answered.timeToFirstTokenMs());
      total.add(answered.totalMs());
      finishReasons.merge(answered.finishReason(), 1L, Long::sum);
      if (answered.priced()) {
        pricedRequests++;
        costNanos += answered.costNanos();
      }
      answered.labels().forEach(label -> labels.merge(label, 1L, Long::sum));
    }

    void add(UsageTotals other) {
      requests += other.requests;
      deadLetters += other.deadLetters;
      chunks += other.chunks;
      promptTokens += other.promptTokens;
      cachedTokens += other.cachedTokens;
      reasoningTokens += other.reasoningTokens;
      completionTokens += other.completionTokens;
      streamedTokens += other.streamedTokens;
      timeToFirstToken.add(other.timeToFirstToken);
      total.add(other.total);
      other.finishReasons.forEach((reason, count) -> finishReasons.merge(reason, count, Long::sum));
      other.errors.forEach((code, count) -> errors.merge(code, count, Long::sum));
      pricedRequests += other.pricedRequests;
      costNanos += other.costNanos;
      other.labels.forEach((label, count) -> labels.merge(label, count, Long::sum));
    }

    int distinctLabels() {
      return labels.size();
    }

    /** What was added; nothing may be added after it. */
    UsageTotals build() {
      return new UsageTotals(
          requests,
          deadLetters,
          chunks,
          promptTokens,
          cachedTokens,
          reasoningTokens,
          completionTokens,
          streamedTokens,
          timeToFirstToken.build(),
          total.build(),
          finishReasons,
          errors,
          pricedRequests,
          costNanos,
          labels);
    }
  }
}
