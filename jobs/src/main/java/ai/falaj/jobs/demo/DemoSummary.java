package ai.falaj.jobs.demo;

import ai.falaj.benchmarks.Percentiles;
import ai.falaj.schemas.Completion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * What a run of the demo came to; the document of {@code --json}.
 *
 * @param missing labels of prompts without a result
 * @param repeated labels of prompts with more than one result
 * @param finishReasons completions by finish reason
 * @param tokensPerSecond completion tokens from the first prompt sent to the last text read
 * @param clientTimeToFirstTokenMs from sending a prompt to reading its first text, Kafka included
 * @param jobTimeToFirstTokenMs as the completions tell it: from the operator's receipt
 */
record DemoSummary(
    String model,
    int prompts,
    int completed,
    int deadLettered,
    List<String> missing,
    List<String> repeated,
    Map<String, Long> finishReasons,
    Tokens tokens,
    double seconds,
    double tokensPerSecond,
    Spread clientTimeToFirstTokenMs,
    Spread jobTimeToFirstTokenMs,
    Batches batches,
    List<TaskRow> tasks) {

  /** Sums over all completions. */
  record Tokens(long prompt, long cached, long reasoning, long completion) {}

  /** Percentiles in milliseconds; null where there was nothing to measure. */
  record Spread(Long p50, Long p95) {
    static Spread of(Collection<Long> values) {
      Percentiles percentiles = Percentiles.of(values);
      return new Spread(boxed(percentiles.at(50)), boxed(percentiles.at(95)));
    }

    private static Long boxed(OptionalLong value) {
      return value.isPresent() ? value.getAsLong() : null;
    }
  }

  /**
   * Batch size over time.
   *
   * @param what what the values count
   */
  record Batches(String what, long periodMs, double mean, double max, List<Double> values) {}

  /** All requests of one task. */
  record TaskRow(
      String task, int requests, int completed, long completionTokens, Long medianTotalMs) {}

  /** Whether every prompt has exactly one result. */
  boolean isExact() {
    return missing.isEmpty() && repeated.isEmpty();
  }

  static DemoSummary of(String model, RequestTracker tracker, BatchSeries batches) {
    List<Completion> completions =
        tracker.requests().stream()
            .map(TrackedRequest::completion)
            .flatMap(Optional::stream)
            .toList();
    Tokens tokens =
        new Tokens(
            sum(completions, completion -> completion.getUsage().getPromptTokens()),
            sum(completions, completion -> completion.getUsage().getCachedTokens()),
            sum(completions, completion -> completion.getUsage().getReasoningTokens()),
            sum(completions, completion -> completion.getUsage().getCompletionTokens()));
    double seconds = seconds(tracker);
    return new DemoSummary(
        model,
        tracker.sentCount(),
        completions.size(),
        (int) tracker.count(TrackedRequest.Status.DEAD_LETTERED),
        labels(tracker.unanswered()),
        labels(tracker.answeredMoreThanOnce()),
        completions.stream()
            .collect(
                Collectors.groupingBy(
                    completion -> completion.getFinishReason().name(),
                    TreeMap::new,
                    Collectors.counting())),
        tokens,
        seconds,
        seconds == 0 ? 0 : tokens.completion() / seconds,
        Spread.of(
            tracker.requests().stream()
                .map(TrackedRequest::timeToFirstTextMs)
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong)
                .toList()),
        Spread.of(
            completions.stream()
                .map(completion -> completion.getTimings().getTimeToFirstTokenMs())
                .toList()),
        batches(batches),
        tasks(tracker));
  }

  private static double seconds(RequestTracker tracker) {
    return tracker.firstSentAtMs().isPresent() && tracker.lastTextAtMs().isPresent()
        ? (tracker.lastTextAtMs().getAsLong() - tracker.firstSentAtMs().getAsLong()) / 1e3
        : 0;
  }

  private static long sum(List<Completion> completions, ToLongFunction<Completion> tokens) {
    return completions.stream().mapToLong(tokens).sum();
  }

  private static List<String> labels(List<TrackedRequest> requests) {
    return requests.stream().map(TrackedRequest::label).toList();
  }

  private static Batches batches(BatchSeries series) {
    List<Double> values = withoutSilentEnd(series.values());
    return new Batches(
        series.label(),
        series.periodMs(),
        values.stream().filter(value -> value > 0).mapToDouble(v -> v).average().orElse(0),
        values.stream().mapToDouble(value -> value).max().orElse(0),
        values);
  }

  /** Nothing is generated while the last results wait for their transaction. */
  private static List<Double> withoutSilentEnd(List<Double> values) {
    int end = values.size();
    while (end > 0 && values.get(end - 1) == 0) {
      end--;
    }
    return values.subList(0, end);
  }

  private static List<TaskRow> tasks(RequestTracker tracker) {
    Map<String, List<TrackedRequest>> byTask =
        tracker.requests().stream()
            .collect(
                Collectors.groupingBy(TrackedRequest::task, TreeMap::new, Collectors.toList()));
    List<TaskRow> rows = new ArrayList<>();
    byTask.forEach((task, requests) -> rows.add(row(task, requests)));
    return rows;
  }

  private static TaskRow row(String task, List<TrackedRequest> requests) {
    List<Completion> completions =
        requests.stream().map(TrackedRequest::completion).flatMap(Optional::stream).toList();
    List<Long> totals =
        completions.stream().map(completion -> completion.getTimings().getTotalMs()).toList();
    return new TaskRow(
        task,
        requests.size(),
        completions.size(),
        sum(completions, completion -> completion.getUsage().getCompletionTokens()),
        Spread.of(totals).p50());
  }
}
