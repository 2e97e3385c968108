package ai.falaj.operators.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.operators.analytics.UsageEvent.Answered;
import ai.falaj.operators.analytics.UsageEvent.Failed;
import ai.falaj.operators.analytics.UsageEvent.Streamed;
import ai.falaj.schemas.LabelCount;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.UsageWindow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Rows over a stream that comes out of order, and late, are those that a program computes which has
 * all records at once and no windows, sketches or state.
 */
class WindowsPropertyTest {

  private static final long DISORDER_MS = 5_000;
  private static final AnalyticsSpec SPEC = AnalyticsSpec.DEFAULT;
  private static final List<String> TENANTS = List.of("", "acme", "a|b", "100%", "سد");
  private static final List<String> MODELS = List.of("k2", "small");

  @Property(tries = 20)
  void shuffledRecordsMakeTheRowsOfAnIndependentComputation(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int records) throws Exception {
    Random random = new Random(seed);
    List<UsageEvent> events = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      events.add(event(random, 2 * 3_600_000));
    }

    // Each record comes at its time and a delay; the lateness allows for the longest.
    Map<UsageEvent, Long> arrivals = new HashMap<>();
    long maxDelayMs = DISORDER_MS + SPEC.allowedLateness().toMillis();
    events.forEach(
        event ->
            arrivals.put(event, event.timestampMs() + (long) (random.nextDouble() * maxDelayMs)));
    List<UsageEvent> shuffled = new ArrayList<>(events);
    shuffled.sort(Comparator.comparing(arrivals::get));

    try (PipelineFixture pipeline = new PipelineFixture(SPEC)) {
      PipelineFixture running = pipeline;
      long newestMs = Long.MIN_VALUE;
      int restartAt = random.nextInt(records);
      for (int i = 0; i < records; i++) {
        running.event(shuffled.get(i));
        newestMs = Math.max(newestMs, shuffled.get(i).timestampMs());
        running.clockIs(arrivals.get(shuffled.get(i)) - Events.START_MS);
        if (random.nextInt(4) == 0) {
          running.watermark(newestMs - DISORDER_MS - 1 - Events.START_MS);
        }
        if (i == restartAt) {
          running = running.restart(SPEC);
        }
      }
      running.endOfInput();

      assertRows(running.usage(), events);
      assertLabels(running.labels(), events);
      assertThat(running.eventTimeTimers()).isZero();
      running.close();
    }
  }

  private static UsageEvent event(Random random, int withinMs) {
    long timeMs = Events.START_MS + random.nextInt(withinMs);
    String tenant = TENANTS.get(random.nextInt(TENANTS.size()));
    String model = MODELS.get(random.nextInt(MODELS.size()));
    String template = "t" + random.nextInt(2);
    return switch (random.nextInt(4)) {
      case 0 -> new UsageEvent(timeMs, "", "", "", new Streamed(random.nextInt(9)));
      case 1 ->
          new UsageEvent(timeMs, tenant, model, template, new Failed("E" + random.nextInt(2)));
      default ->
          new UsageEvent(
              timeMs,
              tenant,
              model,
              template,
              new Answered(
                  random.nextInt(1_000),
                  random.nextInt(500),
                  random.nextInt(100),
                  random.nextInt(1_000),
                  random.nextInt(5_000),
                  random.nextInt(100_000),
                  "R" + random.nextInt(3),
                  model.equals("k2"),
                  model.equals("k2") ? random.nextInt(1_000_000) : 0,
                  random.nextBoolean() ? List.of("l" + random.nextInt(30)) : List.of()));
    };
  }

  /** Records by the key of each row that they belong to. */
  private static Map<String, List<UsageEvent>> byRow(List<UsageEvent> events) {
    Map<String, List<UsageEvent>> byRow = new TreeMap<>();
    for (UsageEvent event : events) {
      Map<String, Long> sizes = Map.of("10s", 10_000L, "1m", 60_000L, "1h", 3_600_000L);
      sizes.forEach(
          (name, lengthMs) -> {
            Instant start =
                Instant.ofEpochMilli(event.timestampMs() - event.timestampMs() % lengthMs);
            for (String group : groups(event)) {
              byRow
                  .computeIfAbsent(name + "|" + start + "|" + group, key -> new ArrayList<>())
                  .add(event);
            }
          });
    }
    return byRow;
  }

  private static List<String> groups(UsageEvent event) {
    if (event.fact() instanceof Streamed) {
      return List.of("ALL");
    }
    String tenant = event.tenant().replace("%", "%25").replace("|", "%7C");
    return List.of(
        "ALL",
        "TENANT|" + tenant,
        "MODEL|" + event.model(),
        "TEMPLATE|" + event.template(),
        "TENANT_MODEL_TEMPLATE|" + tenant + "|" + event.model() + "|" + event.template());
  }

  private static void assertRows(Map<String, UsageWindow> rows, List<UsageEvent> events) {
    Map<String, List<UsageEvent>> expected = byRow(events);
    assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach((key, records) -> assertRow(key, rows.get(key), records));
  }

  private static void assertRow(String key, UsageWindow row, List<UsageEvent> records) {
    List<Answered> answers =
        records.stream()
            .filter(record -> record.fact() instanceof Answered)
            .map(record -> (Answered) record.fact())
            .toList();
    List<String> errors =
        records.stream()
            .filter(record -> record.fact() instanceof Failed)
            .map(record -> ((Failed) record.fact()).errorCode())
            .toList();
    List<Integer> streamed =
        records.stream()
            .filter(record -> record.fact() instanceof Streamed)
            .map(record -> ((Streamed) record.fact()).tokens())
            .toList();
    assertThat(row.getClosed()).as(key).isTrue();
    assertThat(row.getRequests()).as(key).isEqualTo(answers.size());
    assertThat(row.getDeadLetters()).as(key).isEqualTo(errors.size());
    assertThat(row.getChunks()).as(key).isEqualTo(streamed.size());
    assertThat(row.getPromptTokens())
        .isEqualTo(answers.stream().mapToLong(Answered::promptTokens).sum());
    assertThat(row.getCachedTokens())
        .isEqualTo(answers.stream().mapToLong(Answered::cachedTokens).sum());
    assertThat(row.getReasoningTokens())
        .isEqualTo(answers.stream().mapToLong(Answered::reasoningTokens).sum());
    assertThat(row.getCompletionTokens())
        .isEqualTo(answers.stream().mapToLong(Answered::completionTokens).sum());
    assertThat(row.getStreamedTokens())
        .isEqualTo(streamed.stream().mapToLong(Integer::longValue).sum());
    double seconds =
        (row.getWindowEnd().toEpochMilli() - row.getWindowStart().toEpochMilli()) / 1_000.0;
    assertThat(row.getCompletionTokensPerSecond()).isEqualTo(row.getCompletionTokens() / seconds);
    assertThat(row.getStreamedTokensPerSecond()).isEqualTo(row.getStreamedTokens() / seconds);
    assertThat(row.getFinishReasons())
        .isEqualTo(
            answers.stream()
                .collect(Collectors.groupingBy(Answered::finishReason, Collectors.counting())));
    assertThat(row.getErrors())
        .isEqualTo(
            errors.stream().collect(Collectors.groupingBy(code -> code, Collectors.counting())));
    long priced = answers.stream().filter(Answered::priced).count();
    assertThat(row.getPricedRequests()).isEqualTo(priced);
    assertThat(row.getCostNanos())
        .isEqualTo(
            priced == 0 ? null : (Long) answers.stream().mapToLong(Answered::costNanos).sum());
    long[] first = answers.stream().mapToLong(Answered::timeToFirstTokenMs).sorted().toArray();
    assertQuantile(row.getTtftP50Ms(), first, 0.5);
    assertQuantile(row.getTtftP95Ms(), first, 0.95);
    assertQuantile(row.getTtftP99Ms(), first, 0.99);
    long[] total = answers.stream().mapToLong(Answered::totalMs).sorted().toArray();
    assertQuantile(row.getTotalP50Ms(), total, 0.5);
    assertQuantile(row.getTotalP95Ms(), total, 0.95);
    assertQuantile(row.getTotalP99Ms(), total, 0.99);
  }

  private static void assertQuantile(Double actual, long[] sorted, double quantile) {
    if (sorted.length == 0) {
      assertThat(actual).isNull();
      return;
    }
    double exact = sorted[(int) (quantile * (sorted.length - 1))];
    assertThat(actual)
        .as("%s of %s", quantile, Arrays.toString(sorted))
        .isCloseTo(exact, within(exact * 0.01 * (1 + 1e-9)));
  }

  private static void assertLabels(Map<String, LabelWindow> rows, List<UsageEvent> events) {
    Map<String, Map<String, Long>> expected = new TreeMap<>();
    byRow(events)
        .forEach(
            (key, records) -> {
              Map<String, Long> counts =
                  records.stream()
                      .filter(record -> record.fact() instanceof Answered)
                      .flatMap(record -> ((Answered) record.fact()).labels().stream())
                      .collect(Collectors.groupingBy(label -> label, Collectors.counting()));
              if (!counts.isEmpty()) {
                expected.put(key, counts);
              }
            });
    assertThat(rows.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (key, counts) -> {
          LabelWindow row = rows.get(key);
          List<String> top =
              counts.entrySet().stream()
                  .sorted(
                      Comparator.<Map.Entry<String, Long>>comparingLong(count -> -count.getValue())
                          .thenComparing(Map.Entry::getKey))
                  .limit(SPEC.topLabels())
                  .map(count -> count.getKey() + "=" + count.getValue())
                  .toList();
          assertThat(row.getLabels())
              .extracting(count -> count.getLabel() + "=" + count.getCount())
              .isEqualTo(top);
          assertThat(row.getDistinctLabels()).isEqualTo(counts.size());
          long occurrences = counts.values().stream().mapToLong(Long::longValue).sum();
          assertThat(row.getOccurrences()).isEqualTo(occurrences);
          for (LabelCount count : row.getLabels()) {
            assertThat(count.getShare()).isEqualTo((double) count.getCount() / occurrences);
          }
        });
  }
}
