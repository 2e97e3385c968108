package ai.falaj.jobs.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.UsageWindow;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Figures of windows as one computes them who has all records at hand and keeps every value. */
final class ExpectedWindows {

  private static final Map<String, Duration> SIZES =
      Map.of("10s", Duration.ofSeconds(10), "1m", Duration.ofMinutes(1), "1h", Duration.ofHours(1));

  /** Of one row. */
  static final class Figures {
    long requests;
    long deadLetters;
    long chunks;
    long promptTokens;
    long completionTokens;
    long streamedTokens;
    long costNanos;
    final List<Long> firstTokenMs = new ArrayList<>();
    final List<Long> totalMs = new ArrayList<>();
    final Map<String, Long> finishReasons = new HashMap<>();
    final Map<String, Long> errors = new HashMap<>();
    final Map<String, Long> labels = new HashMap<>();
  }

  private final Map<String, Figures> byKey = new TreeMap<>();
  private final Instant before;

  /**
   * @param before records from then on are not counted
   */
  ExpectedWindows(Instant before) {
    this.before = before;
  }

  Map<String, Figures> byKey() {
    return byKey;
  }

  private void count(Instant time, List<String> groups, Consumer<Figures> counting) {
    if (!time.isBefore(before)) {
      return;
    }
    SIZES.forEach(
        (name, length) -> {
          Instant start =
              Instant.ofEpochMilli(time.toEpochMilli() / length.toMillis() * length.toMillis());
          for (String group : groups) {
            counting.accept(
                byKey.computeIfAbsent(name + "|" + start + "|" + group, key -> new Figures()));
          }
        });
  }

  private static List<String> groups(String tenant, String model, String template) {
    String named = (tenant == null ? "" : tenant).replace("|", "%7C");
    return List.of(
        "ALL",
        "TENANT|" + named,
        "MODEL|" + model,
        "TEMPLATE|" + template,
        "TENANT_MODEL_TEMPLATE|" + named + "|" + model + "|" + template);
  }

  void add(Completion completion, BigDecimal promptPrice, BigDecimal completionPrice) {
    String model = completion.getProvenance().getModel();
    int prompt = completion.getUsage().getPromptTokens();
    int written = completion.getUsage().getCompletionTokens();
    BigDecimal cost =
        promptPrice
            .multiply(new BigDecimal(prompt))
            .add(completionPrice.multiply(new BigDecimal(written)))
            .multiply(new BigDecimal(1_000))
            .setScale(0, RoundingMode.HALF_UP);
    count(
        completion.getCompletedAt(),
        groups(
            completion.getTenant(), model, completion.getMetadata().getOrDefault("template", "")),
        figures -> {
          figures.requests++;
          figures.promptTokens += prompt;
          figures.completionTokens += written;
          figures.costNanos += model.equals("k2") ? cost.longValueExact() : 0;
          figures.firstTokenMs.add(completion.getTimings().getTimeToFirstTokenMs());
          figures.totalMs.add(completion.getTimings().getTotalMs());
          figures.finishReasons.merge(completion.getFinishReason().name(), 1L, Long::sum);
          String answer = completion.getAnswer();
          if (answer.startsWith("{")) {
            String label = answer.replaceAll(".*:\"(.*)\"}", "$1");
            figures.labels.merge(label, 1L, Long::sum);
          }
        });
  }

  void add(DeadLetter letter, RecordDeserializer<PromptRequest> prompts) {
    Optional<PromptRequest> prompt;
    try {
      prompt = Optional.of(prompts.deserialize("falaj.prompts", letter.getValue().array()));
    } catch (UndecodableRecordException e) {
      prompt = Optional.empty();
    }
    count(
        letter.getFailedAt(),
        groups(
            prompt.map(PromptRequest::getTenant).orElse(""),
            prompt.map(PromptRequest::getModel).orElse(""),
            ""),
        figures -> {
          figures.deadLetters++;
          figures.errors.merge(letter.getErrorCode().name(), 1L, Long::sum);
        });
  }

  void add(CompletionChunk chunk) {
    count(
        chunk.getEmittedAt(),
        List.of("ALL"),
        figures -> {
          figures.chunks++;
          figures.streamedTokens += chunk.getTokenCount();
        });
  }

  static void assertEqual(String key, UsageWindow row, Figures expected) {
    assertThat(row.getClosed()).as(key).isTrue();
    assertThat(row.getRequests()).as(key).isEqualTo(expected.requests);
    assertThat(row.getDeadLetters()).as(key).isEqualTo(expected.deadLetters);
    assertThat(row.getChunks()).as(key).isEqualTo(expected.chunks);
    assertThat(row.getPromptTokens()).as(key).isEqualTo(expected.promptTokens);
    assertThat(row.getCompletionTokens()).as(key).isEqualTo(expected.completionTokens);
    assertThat(row.getStreamedTokens()).as(key).isEqualTo(expected.streamedTokens);
    assertThat(row.getFinishReasons()).as(key).isEqualTo(expected.finishReasons);
    assertThat(row.getErrors()).as(key).isEqualTo(expected.errors);
    assertThat(row.getCostNanos() == null ? 0 : row.getCostNanos())
        .as(key)
        .isEqualTo(expected.costNanos);
    assertQuantile(key, row.getTtftP50Ms(), expected.firstTokenMs, 0.5);
    assertQuantile(key, row.getTtftP95Ms(), expected.firstTokenMs, 0.95);
    assertQuantile(key, row.getTtftP99Ms(), expected.firstTokenMs, 0.99);
    assertQuantile(key, row.getTotalP50Ms(), expected.totalMs, 0.5);
    assertQuantile(key, row.getTotalP95Ms(), expected.totalMs, 0.95);
    assertQuantile(key, row.getTotalP99Ms(), expected.totalMs, 0.99);
  }

  private static void assertQuantile(String key, Double actual, List<Long> values, double q) {
    if (values.isEmpty()) {
      assertThat(actual).as(key).isNull();
      return;
    }
    double exact = values.stream().sorted().toList().get((int) (q * (values.size() - 1)));
    assertThat(actual).as(key).isCloseTo(exact, within(exact * 0.01 * (1 + 1e-9)));
  }
}
