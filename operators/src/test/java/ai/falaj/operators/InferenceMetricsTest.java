package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class InferenceMetricsTest {

  private final RecordedMetrics recorded = new RecordedMetrics();
  private final InFlightRequests inFlight = new InFlightRequests(4, 1_000, 10, new CapacityGate());
  private final InferenceMetrics metrics =
      new InferenceMetrics(
          recorded,
          () -> new RuntimeStats(2, 3, 0.25, 0, 0, 40, 50, 0, 0, 0, 0, 0, 6, 20, 15, 0),
          inFlight);

  private static ActiveRequest active(String tenant, int samples) {
    PromptRequest request = Prompts.request("r1", "one");
    request.setTenant(tenant);
    return new ActiveRequest(
        Prompts.record("r1", "r1", request),
        GenerationRequest.builder("r1", new Prompt.Raw("one")).samples(samples).build(),
        OptionalLong.empty(),
        0,
        10,
        1);
  }

  @Test
  void showsTheSharedRuntimeWithVllmsNames() {
    assertThat(recorded.value("num_requests_waiting")).isEqualTo(2);
    assertThat(recorded.value("num_requests_running")).isEqualTo(3);
    assertThat(recorded.value("kv_cache_usage_perc")).isEqualTo(0.25);
    assertThat(recorded.value("num_preemptions_total")).isEqualTo(6L);
    assertThat(recorded.value("prefix_cache_queries_total")).isEqualTo(50L);
    assertThat(recorded.value("prefix_cache_hits_total")).isEqualTo(40L);
    assertThat(recorded.value("spec_decode_num_draft_tokens_total")).isEqualTo(20L);
    assertThat(recorded.value("spec_decode_num_accepted_tokens_total")).isEqualTo(15L);
    assertThat(recorded.value("requests_in_flight")).isEqualTo(0);
    assertThat(recorded.value("tokens_in_flight")).isEqualTo(0L);
  }

  @Test
  void registersWhatTheDocumentHasAndNothingElse() throws Exception {
    try (FakeRuntime runtime = FakeRuntimeSpec.builder("metrics").drivenByTest().build().open()) {
      BatchMetrics.register(recorded, runtime);
    }
    Set<String> registered =
        recorded.paths().stream()
            .map(path -> path.substring(path.lastIndexOf('.') + 1))
            .collect(Collectors.toSet());

    Set<String> documented = new HashSet<>();
    Pattern name = Pattern.compile("`([a-z0-9_]+)`");
    for (String line : Files.readAllLines(Path.of("../docs/METRICS.md"))) {
      String[] cells = line.split("\\|");
      if (line.startsWith("| `") && cells.length > 1) {
        name.matcher(cells[1]).results().forEach(found -> documented.add(found.group(1)));
      }
    }

    assertThat(documented).isEqualTo(registered);
  }

  @Test
  void countsTheTokensOfASummaryAndNoRequest() {
    ActiveRequest summary = active("acme", 1);
    summary.summaryOf = Optional.of(new ConversationName("k", "c"));
    metrics.firstToken(summary, 40);
    metrics.tokensGenerated(summary, 5);
    metrics.finished(
        summary,
        new GenerationResult(
            "answer",
            "",
            ai.falaj.runtime.FinishReason.STOP,
            new GenerationResult.Usage(10, 4, 0, 5),
            new GenerationResult.Timings(5, 40, 80),
            1,
            100),
        FinishReason.STOP,
        90);
    metrics.summarized();
    metrics.notSummarized();

    assertThat(recorded.count("prompt_tokens_total")).isEqualTo(6);
    assertThat(recorded.count("generation_tokens_total")).isEqualTo(5);
    assertThat(recorded.count("tenant.acme.prompt_tokens_total")).isEqualTo(10);
    assertThat(recorded.count("finished_reason.stop.request_success_total")).isZero();
    assertThat(recorded.histogram("e2e_request_latency_ms").getCount()).isZero();
    assertThat(recorded.histogram("time_to_first_token_ms").getCount()).isZero();
    assertThat(recorded.count("conversation_summaries_total")).isEqualTo(1);
    assertThat(recorded.count("conversation_summary_failures_total")).isEqualTo(1);
  }

  @Test
  void countsTokensAndResultsByReason() {
    metrics.firstToken(active("acme", 1), 40);
    metrics.tokensGenerated(active("acme", 1), 5);
    metrics.finished(
        active("acme", 1),
        new GenerationResult(
            "answer",
            "",
            ai.falaj.runtime.FinishReason.STOP,
            new GenerationResult.Usage(10, 4, 0, 5),
            new GenerationResult.Timings(5, 40, 80),
            1,
            100),
        FinishReason.STOP,
        90);

    assertThat(recorded.count("prompt_tokens_total")).isEqualTo(6);
    assertThat(recorded.count("prefix_cache_hit_tokens_total")).isEqualTo(4);
    assertThat(recorded.count("generation_tokens_total")).isEqualTo(5);
    assertThat(recorded.count("tenant.acme.prompt_tokens_total")).isEqualTo(10);
    assertThat(recorded.count("tenant.acme.generation_tokens_total")).isEqualTo(5);
    assertThat(recorded.count("finished_reason.stop.request_success_total")).isEqualTo(1);
    assertThat(recorded.count("finished_reason.length.request_success_total")).isZero();
    assertThat(recorded.histogram("time_to_first_token_ms").getStatistics().getMax()).isEqualTo(40);
    assertThat(recorded.histogram("e2e_request_latency_ms").getStatistics().getMax()).isEqualTo(90);
    assertThat(recorded.histogram("time_per_output_token_ms").getStatistics().getMax())
        .isEqualTo(10);
  }

  @Test
  void timesTokensByTheLongestSample() {
    GenerationResult.Sample sample =
        new GenerationResult.Sample(
            "answer", "", ai.falaj.runtime.FinishReason.STOP, 0, 5, List.of());
    metrics.finished(
        active(null, 3),
        new GenerationResult(
            List.of(sample, sample, sample),
            new GenerationResult.Usage(10, 0, 0, 15),
            new GenerationResult.Timings(5, 40, 80),
            1,
            100),
        FinishReason.STOP,
        90);

    assertThat(recorded.histogram("time_per_output_token_ms").getStatistics().getMax())
        .isEqualTo(10);
    assertThat(recorded.count("tenant._unnamed.prompt_tokens_total")).isEqualTo(10);
  }

  @Test
  void boundsTheNumberOfTenantsThatHaveMetricsOfTheirOwn() {
    for (int i = 0; i < 3 * TenantMetrics.MAX_TENANTS; i++) {
      metrics.tokensGenerated(active("tenant" + i, 1), 1);
    }
    metrics.tokensGenerated(active("tenant0", 1), 1);
    metrics.tokensGenerated(active("x".repeat(1_000), 1), 1);

    assertThat(recorded.count("tenant.tenant0.generation_tokens_total")).isEqualTo(2);
    assertThat(recorded.count("tenant._others.generation_tokens_total"))
        .isEqualTo(2 * TenantMetrics.MAX_TENANTS + 1);
    assertThat(recorded.paths())
        .filteredOn(path -> path.startsWith("tenant.") && path.endsWith(".generation_tokens_total"))
        .hasSize(TenantMetrics.MAX_TENANTS + 1);
  }

  @Test
  void countsDeadLettersByCode() {
    metrics.deadLetter(ErrorCode.EMPTY_PROMPT);
    metrics.retried();
    metrics.overloaded();

    assertThat(recorded.count("code.empty_prompt.dead_letters_total")).isEqualTo(1);
    assertThat(recorded.count("code.unknown_model.dead_letters_total")).isZero();
    assertThat(recorded.count("retries_total")).isEqualTo(1);
    assertThat(recorded.count("overloads_total")).isEqualTo(1);
  }
}
