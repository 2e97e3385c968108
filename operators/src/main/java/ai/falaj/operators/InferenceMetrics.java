package ai.falaj.operators;

import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * Metrics of one subtask, with vLLM's names where vLLM has one. Confined to the task mailbox
 * thread, but for the gauges, which reporters read from theirs.
 *
 * <p>{@code num_requests_running}, {@code num_requests_waiting}, {@code kv_cache_usage_perc},
 * {@code num_preemptions_total}, {@code prefix_cache_queries_total}, {@code
 * prefix_cache_hits_total} and {@code spec_decode_*} are the shared runtime's, since it was loaded:
 * every subtask of a TaskManager reports the same, so take their maximum, not their sum. All others
 * are the subtask's own and add up; {@code prefix_cache_hit_tokens_total} is what its requests
 * found cached. Summaries of conversations count in tokens, not in requests and their latencies.
 */
final class InferenceMetrics {

  private static final int HISTOGRAM_WINDOW = 1_000;

  private final Counter promptTokens;
  private final Counter cachedTokens;
  private final Counter generationTokens;
  private final TenantMetrics tenants;
  private final Counter retries;
  private final Counter overloads;
  private final Counter startsOver;
  private final Counter circuitOpenings;
  private final Counter repeats;
  private final Counter toolRounds;
  private final Counter toolTimeouts;
  private final Counter unexpectedToolResponses;
  private final Counter turnsKept;
  private final Counter turnsNotKept;
  private final Counter summaries;
  private final Counter summaryFailures;
  private final Histogram timeToFirstTokenMs;
  private final Histogram endToEndLatencyMs;
  private final Histogram timePerOutputTokenMs;
  private final Map<FinishReason, Counter> successes = new EnumMap<>(FinishReason.class);
  private final Map<ErrorCode, Counter> deadLetters = new EnumMap<>(ErrorCode.class);

  InferenceMetrics(MetricGroup group, Supplier<RuntimeStats> runtime, InFlightRequests inFlight) {
    group.gauge("num_requests_running", () -> runtime.get().requestsRunning());
    group.gauge("num_requests_waiting", () -> runtime.get().requestsWaiting());
    group.gauge("kv_cache_usage_perc", () -> runtime.get().kvCacheUsage());
    group.gauge("num_preemptions_total", () -> runtime.get().preemptions());
    group.gauge("prefix_cache_queries_total", () -> runtime.get().prefixCacheQueryTokens());
    group.gauge("prefix_cache_hits_total", () -> runtime.get().prefixCacheHitTokens());
    group.gauge("spec_decode_num_draft_tokens_total", () -> runtime.get().draftTokens());
    group.gauge("spec_decode_num_accepted_tokens_total", () -> runtime.get().acceptedDraftTokens());
    group.gauge("requests_in_flight", inFlight::size);
    group.gauge("tokens_in_flight", inFlight::tokens);
    group.gauge("requests_parked", inFlight::parked);
    promptTokens = group.counter("prompt_tokens_total");
    cachedTokens = group.counter("prefix_cache_hit_tokens_total");
    generationTokens = group.counter("generation_tokens_total");
    tenants = new TenantMetrics(group);
    retries = group.counter("retries_total");
    overloads = group.counter("overloads_total");
    startsOver = group.counter("generations_started_over_total");
    repeats = group.counter("repeated_requests_total");
    toolRounds = group.counter("tool_rounds_total");
    toolTimeouts = group.counter("tool_timeouts_total");
    unexpectedToolResponses = group.counter("tool_responses_unexpected_total");
    turnsKept = group.counter("conversation_turns_kept_total");
    turnsNotKept = group.counter("conversation_turns_not_kept_total");
    summaries = group.counter("conversation_summaries_total");
    summaryFailures = group.counter("conversation_summary_failures_total");
    circuitOpenings = group.counter("circuit_breaker_openings_total");
    timeToFirstTokenMs = histogram(group, "time_to_first_token_ms");
    endToEndLatencyMs = histogram(group, "e2e_request_latency_ms");
    timePerOutputTokenMs = histogram(group, "time_per_output_token_ms");
    for (FinishReason reason : FinishReason.values()) {
      successes.put(
          reason, group.addGroup("finished_reason", tag(reason)).counter("request_success_total"));
    }
    for (ErrorCode code : ErrorCode.values()) {
      deadLetters.put(code, group.addGroup("code", tag(code)).counter("dead_letters_total"));
    }
  }

  void tokensGenerated(ActiveRequest request, int count) {
    generationTokens.inc(count);
    tenantOf(request).generated(count);
  }

  /** Looked up once per request, not once per token. */
  private TenantMetrics.Tokens tenantOf(ActiveRequest request) {
    if (request.tenantTokens == null) {
      request.tenantTokens = tenants.of(request.tenant());
    }
    return request.tenantTokens;
  }

  void firstToken(ActiveRequest request, long sinceReceiptMs) {
    if (request.summaryOf.isEmpty()) {
      timeToFirstTokenMs.update(sinceReceiptMs);
    }
  }

  /**
   * @param reason of the first sample
   */
  void finished(
      ActiveRequest request, GenerationResult result, FinishReason reason, long sinceReceiptMs) {
    read(request, result);
    if (request.summaryOf.isPresent()) {
      return;
    }
    // Samples are written side by side: the longest one took the time.
    int laterTokens = -1;
    for (ActiveSample sample : request.samples) {
      int all = result.samples().get(sample.index).completionTokens();
      laterTokens = Math.max(laterTokens, all - sample.givenTokens() - 1);
    }
    if (laterTokens > 0) {
      long decodeMs = result.timings().totalTimeMs() - result.timings().timeToFirstTokenMs();
      timePerOutputTokenMs.update(Math.round((double) decodeMs / laterTokens));
    }
    succeeded(request, reason, sinceReceiptMs);
  }

  private void read(ActiveRequest request, GenerationResult result) {
    promptTokens.inc(result.usage().promptTokens() - result.usage().cachedTokens());
    cachedTokens.inc(result.usage().cachedTokens());
    tenantOf(request).read(result.usage().promptTokens());
  }

  /** A generation ended with calls, and its request goes on. */
  void calledTools(ActiveRequest request, GenerationResult result) {
    read(request, result);
    toolRounds.inc();
  }

  /** The calls of a round had no answer in time. */
  void toolTimedOut() {
    toolTimeouts.inc();
  }

  /** A tool answered too late, twice, or what nobody had asked. */
  void unexpectedToolResponse() {
    unexpectedToolResponses.inc();
  }

  /** The oldest turns of a conversation were replaced by a summary. */
  void summarized() {
    summaries.inc();
  }

  /** There is no summary, and the oldest turns of a conversation were dropped. */
  void notSummarized() {
    summaryFailures.inc();
  }

  void turnKept() {
    turnsKept.inc();
  }

  /** A request of a conversation was cancelled or became a dead letter. */
  void turnNotKept() {
    turnsNotKept.inc();
  }

  void succeeded(ActiveRequest request, FinishReason reason, long sinceReceiptMs) {
    if (request.summaryOf.isEmpty()) {
      endToEndLatencyMs.update(sinceReceiptMs);
      successes.get(reason).inc();
    }
  }

  void deadLetter(ErrorCode code) {
    deadLetters.get(code).inc();
  }

  void retried() {
    retries.inc();
  }

  void overloaded() {
    overloads.inc();
  }

  /** Tokens that were there could not be used. */
  void startedOver() {
    startsOver.inc();
  }

  /** A request came that was seen before. */
  void repeated() {
    repeats.inc();
  }

  void circuitOpened() {
    circuitOpenings.inc();
  }

  private static Histogram histogram(MetricGroup group, String name) {
    return group.histogram(name, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
  }

  private static String tag(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
