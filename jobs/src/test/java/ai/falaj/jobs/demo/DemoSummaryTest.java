package ai.falaj.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.terminal.Line;
import ai.falaj.schemas.FinishReason;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DemoSummaryTest {

  private final RequestTracker tracker = new RequestTracker();
  private final Iterator<Double> samples = List.of(0.0, 2.0, 4.0, 4.0, 1.0, 0.0).iterator();
  private final BatchSeries batches =
      new BatchSeries("batch", () -> OptionalDouble.of(samples.next()));

  @Test
  void sumsUp() {
    run();

    DemoSummary summary = DemoSummary.of("m", tracker, batches);

    assertThat(summary.isExact()).isTrue();
    assertThat(summary.tokens()).isEqualTo(new DemoSummary.Tokens(20, 8, 0, 40));
    assertThat(summary.seconds()).isEqualTo(2.0);
    assertThat(summary.tokensPerSecond()).isEqualTo(20);
    assertThat(summary.clientTimeToFirstTokenMs()).isEqualTo(new DemoSummary.Spread(400L, 2_000L));
    assertThat(summary.jobTimeToFirstTokenMs()).isEqualTo(new DemoSummary.Spread(30L, 30L));
    assertThat(summary.batches().values()).containsExactly(0.0, 2.0, 4.0, 4.0, 1.0);
    assertThat(summary.batches().mean()).isEqualTo(2.75);
    assertThat(summary.tasks())
        .containsExactly(
            new DemoSummary.TaskRow("classify", 1, 1, 20, 200L),
            new DemoSummary.TaskRow("write", 2, 1, 20, 200L));
  }

  @Test
  void namesWhatIsMissingAndWhatCameTwice() {
    run();
    tracker.sent(Records.prompt("d", "write"), "d-1", 0);
    tracker.completion(Records.completion("a", "again", FinishReason.STOP), 3_000);

    DemoSummary summary = DemoSummary.of("m", tracker, batches);

    assertThat(summary.isExact()).isFalse();
    assertThat(text(summary, 80))
        .startsWith(
            "✗ 4 prompts, 2 completions, 1 dead letters, 1 without a result: d-1,"
                + " 1 with more than one result: a-1\n");
  }

  @Test
  void saysItForPeople() {
    run();

    assertThat(text(DemoSummary.of("smollm2", tracker, batches), 80))
        .isEqualTo(
            """
            ✓ 3 prompts, 2 completions, 1 dead letters: every prompt has exactly one result

              model                smollm2
              finish reasons       1 LENGTH, 1 STOP
              prompt tokens        20 (8 of them cached)
              completion tokens    40
              tokens per second    20 over 2.0 s, from the first prompt to the last token
              time to first token  p50    400 ms  p95  2,000 ms  client, Kafka included
                                   p50     30 ms  p95     30 ms  job, without Kafka

              batch size over time (sequences per engine step; mean 2.8, most 4.0)
              4 ┤  ██
                │  ██
                │  ██
                │ ███
                │ ███▄
                │ ████
              0 └───── 0.5 s

              task           requests  completed   tokens      median
              classify              1          1       20      200 ms
              write                 2          1       20      200 ms

              topics               falaj.prompts
                                   → falaj.chunks, falaj.completions, falaj.dead-letters
              Kafka                localhost:9092
              schema registry      http://localhost:8082
              Flink                http://localhost:8088

              next                 falaj prompt "Why do dates grow in oases?"
                                   falaj consume completions
                                   falaj produce examples/tickets.jsonl""");
  }

  @Test
  void hasNoFiguresOfNothing() {
    tracker.sent(Records.prompt("a", "write"), "a", 0);

    String text = text(DemoSummary.of("m", tracker, batches), 40);

    assertThat(text)
        .contains("1 without a result: a")
        .contains("time to first token  p50      -     p95      -")
        .doesNotContain("batch size over time");
  }

  /** Two completions and a dead letter within two seconds. */
  private void run() {
    tracker.sent(Records.prompt("a", "classify"), "a-1", 1_000);
    tracker.sent(Records.prompt("b", "write"), "b-1", 1_000);
    tracker.sent(Records.prompt("c", "write"), "c-1", 1_000);
    for (long ms = 1_000; ms < 1_600; ms += 100) {
      batches.maybeSample(ms);
    }
    tracker.chunk(Records.chunk("a", 0, "x"), 1_400);
    tracker.chunk(Records.chunk("b", 0, "y"), 3_000);
    tracker.completion(Records.completion("a", "x", FinishReason.STOP), 3_100);
    tracker.completion(Records.completion("b", "y", FinishReason.LENGTH), 3_100);
    tracker.deadLetter(Records.deadLetter("c"), 3_200);
  }

  private static String text(DemoSummary summary, int width) {
    Connection connection = Connection.of("localhost:9092", "http://localhost:8082");
    return SummaryText.lines(
            summary, connection, Map.of("Flink", "http://localhost:8088"), "", width)
        .stream()
        .map(Line::text)
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n"));
  }
}
