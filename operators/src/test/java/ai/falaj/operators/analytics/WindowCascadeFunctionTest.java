package ai.falaj.operators.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.LabelCount;
import ai.falaj.schemas.UsageWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WindowCascadeFunctionTest {

  private static final AnalyticsSpec SPEC = AnalyticsSpec.DEFAULT;
  private static final long LATENESS_MS = SPEC.allowedLateness().toMillis();
  private static final long UPDATE_MS = SPEC.updateInterval().toMillis();
  private static final String START = Instant.ofEpochMilli(Events.START_MS).toString();

  private PipelineFixture pipeline;

  @BeforeEach
  void open() throws Exception {
    pipeline = new PipelineFixture(SPEC);
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  @Test
  void closesAWindowWhenTheWatermarkPassesItsLastInstant() throws Exception {
    pipeline.event(Events.answered(3_000, "acme"));
    pipeline.event(Events.answered(9_999, "acme"));
    pipeline.event(Events.answered(10_000, "acme"));
    pipeline.watermark(9_998);

    assertThat(pipeline.usage()).isEmpty();

    pipeline.watermark(9_999);

    UsageWindow row = pipeline.all("10s", START);
    assertThat(row.getRequests()).isEqualTo(2);
    assertThat(row.getClosed()).isTrue();
    assertThat(row.getWindowStart()).isEqualTo(START);
    assertThat(row.getWindowEnd()).isEqualTo(Instant.parse(START).plusSeconds(10));
    assertThat(pipeline.usage()).hasSize(5); // one for each grouping
  }

  @Test
  void longerWindowsTakeTheShorterOnesInAndShowThemBeforeTheyClose() throws Exception {
    pipeline.event(Events.answered(3_000, "acme"));
    pipeline.event(Events.answered(13_000, "acme"));
    pipeline.watermark(19_999);
    pipeline.clockIs(UPDATE_MS);

    UsageWindow minute = pipeline.all("1m", START);
    assertThat(minute.getRequests()).isEqualTo(2);
    assertThat(minute.getClosed()).isFalse();
    assertThat(pipeline.usage()).doesNotContainKey("1h|" + START + "|ALL");

    pipeline.watermark(59_999); // and nothing comes for a while
    pipeline.clockIs(3 * UPDATE_MS);

    assertThat(pipeline.all("1m", START).getClosed()).isTrue();
    assertThat(pipeline.all("1h", START).getRequests()).isEqualTo(2);
    assertThat(pipeline.all("1h", START).getClosed()).isFalse();

    pipeline.event(Events.answered(61_000, "acme"));
    pipeline.watermark(3_599_999);

    assertThat(pipeline.all("1h", START).getRequests()).isEqualTo(3);
    assertThat(pipeline.all("1h", START).getClosed()).isTrue();
  }

  @Test
  void writesARowOfAnOpenWindowOncePerUpdateInterval() throws Exception {
    pipeline.event(Events.answered(1_000, "acme"));
    pipeline.watermark(1_000);
    pipeline.clockIs(UPDATE_MS - 1);
    assertThat(pipeline.written()).isEmpty();

    pipeline.event(Events.answered(1_100, "acme"));
    pipeline.watermark(1_100);
    pipeline.clockIs(UPDATE_MS);

    assertThat(pipeline.all("10s", START).getRequests()).isEqualTo(2);
    assertThat(pipeline.all("10s", START).getClosed()).isFalse();
    assertThat(pipeline.written()).hasSize(5);

    pipeline.clockIs(10 * UPDATE_MS);
    assertThat(pipeline.written()).as("rows that did not change").isEmpty();
  }

  @Test
  void aLateRecordChangesTheRowsOfAllWindowsThatHaveClosed() throws Exception {
    pipeline.event(Events.answered(1_000, "acme"));
    pipeline.watermark(59_999 + 5_000);
    assertThat(pipeline.all("1m", START).getClosed()).isTrue();
    pipeline.written();

    pipeline.event(Events.failed(8_000, "acme")); // its ten seconds stay until 69,999
    pipeline.watermark(69_998);
    pipeline.clockIs(UPDATE_MS);

    assertThat(pipeline.all("10s", START).getDeadLetters()).isEqualTo(1);
    assertThat(pipeline.all("10s", START).getRequests()).isEqualTo(1);
    assertThat(pipeline.all("10s", START).getClosed()).isTrue();
    assertThat(pipeline.all("1m", START).getDeadLetters()).isEqualTo(1);
    assertThat(pipeline.all("1h", START).getDeadLetters()).isEqualTo(1);
    assertThat(pipeline.all("1h", START).getClosed()).isFalse();
    assertThat(pipeline.written()).as("rows of three windows").hasSize(3 * 5);
  }

  @Test
  void aLateRecordThatIsTheFirstOfItsWindowMakesARow() throws Exception {
    pipeline.event(Events.answered(65_000, "acme"));
    pipeline.watermark(62_000);

    pipeline.event(Events.answered(7_000, "acme"));
    pipeline.watermark(62_001);

    assertThat(pipeline.all("10s", START).getRequests()).isEqualTo(1);
    assertThat(pipeline.all("1m", START).getRequests()).isEqualTo(1);
    pipeline.endOfInput();
    assertThat(pipeline.all("1h", START).getRequests()).isEqualTo(2);
  }

  @Test
  void whatIsTooLateForItsTenSecondsIsInNoWindow() throws Exception {
    pipeline.event(Events.answered(1_000, "acme"));
    pipeline.watermark(9_999 + LATENESS_MS);

    pipeline.event(Events.answered(9_000, "acme"));
    pipeline.endOfInput();

    assertThat(pipeline.all("10s", START).getRequests()).isEqualTo(1);
    assertThat(pipeline.all("1m", START).getRequests()).isEqualTo(1);
    assertThat(pipeline.all("1h", START).getRequests()).isEqualTo(1);
  }

  @Test
  void aRowThatChangedIsWrittenBeforeItsWindowIsRemoved() throws Exception {
    pipeline.event(Events.answered(1_000, "acme"));
    pipeline.watermark(9_999);
    pipeline.event(Events.answered(2_000, "acme"));
    pipeline.watermark(9_999 + LATENESS_MS); // and the clock stands still

    assertThat(pipeline.all("10s", START).getRequests()).isEqualTo(2);
  }

  @Test
  void goesOnFromACheckpointInTheMiddleOfAllWindows() throws Exception {
    pipeline.event(Events.answered(1_000, "acme", "leak"));
    pipeline.watermark(14_000);
    pipeline.event(Events.answered(16_000, "acme", "leak"));

    pipeline = pipeline.restart(SPEC);
    pipeline.event(Events.answered(2_000, "acme"));
    pipeline.event(Events.answered(17_000, "acme", "leak"));
    pipeline.watermark(59_999);
    pipeline.clockIs(UPDATE_MS);

    assertThat(pipeline.all("10s", START).getRequests()).isEqualTo(2);
    assertThat(pipeline.all("1m", START).getRequests()).isEqualTo(4);
    assertThat(pipeline.label("1m", START, "leak").getCount()).isEqualTo(3);
  }

  @Test
  void keepsNothingOfWindowsThatAreOver() throws Exception {
    for (int second = 0; second < 200; second++) {
      pipeline.event(Events.answered(second * 1_000L, "tenant " + second % 7));
      pipeline.watermark(second * 1_000L - 1);
    }
    pipeline.clockIs(UPDATE_MS);
    assertThat(pipeline.windowEntries()).isPositive();

    pipeline.watermark(3_599_999 + LATENESS_MS);
    pipeline.clockIs(2 * UPDATE_MS);

    assertThat(pipeline.windowEntries()).isZero();
    assertThat(pipeline.eventTimeTimers()).isZero();
  }

  @Test
  void chunksCountOnlyWhereAllIsCounted() throws Exception {
    pipeline.event(Events.streamed(1_000, 3));
    pipeline.event(Events.streamed(2_000, 4));
    pipeline.watermark(9_999);

    assertThat(pipeline.usage()).containsOnlyKeys("10s|" + START + "|ALL");
    UsageWindow row = pipeline.all("10s", START);
    assertThat(row.getChunks()).isEqualTo(2);
    assertThat(row.getStreamedTokens()).isEqualTo(7);
    assertThat(row.getStreamedTokensPerSecond()).isEqualTo(0.7);
    assertThat(row.getTtftP50Ms()).isNull();
    assertThat(row.getCostNanos()).isNull();
  }

  @Test
  void writesOnlyTheGroupingsThatWereAskedFor() throws Exception {
    pipeline.close();
    pipeline =
        new PipelineFixture(
            new AnalyticsSpec(
                Set.of(Grouping.MODEL),
                SPEC.allowedLateness(),
                SPEC.updateInterval(),
                SPEC.limits(),
                SPEC.topLabels(),
                SPEC.trend(),
                SPEC.labelHistoryTime(),
                SPEC.budgets()));
    pipeline.event(Events.answered(1_000, "acme"));
    pipeline.event(Events.streamed(1_000, 3));
    pipeline.watermark(9_999);

    assertThat(pipeline.usage()).containsOnlyKeys("10s|" + START + "|MODEL|k2");
  }

  @Test
  void callsALabelABurstWhileItsWindowIsStillOpen() throws Exception {
    quietMinutes(5, 4);

    answers(5 * 60_000, 40, "leak");
    pipeline.watermark(5 * 60_000 + 9_999);
    pipeline.clockIs(UPDATE_MS);

    LabelCount leak = pipeline.label("1m", minute(5), "leak");
    assertThat(leak.getCount()).isEqualTo(40);
    assertThat(leak.getBaseline()).isBetween(2.0, 4.0);
    assertThat(leak.getBurst()).isTrue();
    assertThat(leak.getTrend()).as("of an open window").isNull();

    pipeline.watermark(6 * 60_000 - 1);

    assertThat(pipeline.label("1m", minute(5), "leak").getTrend()).isEqualTo("RISING");
  }

  @Test
  void aSteadyLabelIsNeitherATrendNorABurst() throws Exception {
    quietMinutes(7, 30);

    LabelCount leak = pipeline.label("1m", minute(6), "leak");
    assertThat(leak.getBurst()).isFalse();
    assertThat(leak.getTrend()).isEqualTo("STEADY");
  }

  @Test
  void aLabelThatBecomesRareFalls() throws Exception {
    quietMinutes(7, 30);
    answers(7 * 60_000, 2, "leak");
    pipeline.watermark(8 * 60_000 - 1);

    assertThat(pipeline.label("1m", minute(7), "leak").getTrend()).isEqualTo("FALLING");
  }

  @Test
  void callsNothingUnusualBeforeItKnowsWhatIsUsual() throws Exception {
    answers(0, 500, "leak");
    pipeline.watermark(59_999);

    LabelCount leak = pipeline.label("1m", START, "leak");
    assertThat(leak.getBaseline()).isNull();
    assertThat(leak.getTrend()).isNull();
    assertThat(leak.getBurst()).isFalse();
  }

  @Test
  void minutesWithoutALabelLowerWhatIsUsual() throws Exception {
    quietMinutes(4, 8);
    pipeline.event(Events.answered(30 * 60_000, "acme", "leak"));
    pipeline.watermark(31 * 60_000 - 1);

    assertThat(pipeline.label("1m", minute(30), "leak").getBaseline()).isLessThan(0.1);
  }

  @Test
  void aLateRecordChangesTheCountAndNotWhatItIsComparedWith() throws Exception {
    quietMinutes(6, 30);
    LabelCount before = pipeline.label("1m", minute(5), "leak");

    answers(5 * 60_000 + 30_000, 60, "leak");
    pipeline.watermark(6 * 60_000 + 5_000);
    pipeline.clockIs(UPDATE_MS);

    LabelCount after = pipeline.label("1m", minute(5), "leak");
    assertThat(after.getCount()).isEqualTo(before.getCount() + 60);
    assertThat(after.getBaseline()).isEqualTo(before.getBaseline());
    assertThat(after.getTrend()).isEqualTo("RISING");
  }

  @Test
  void aGroupWithoutLabelsForLongForgetsWhatWasUsual() throws Exception {
    quietMinutes(5, 30);
    pipeline.clockIs(Duration.ofDays(1).toMillis() + 1);
    pipeline.event(Events.answered(5 * 60_000, "acme", "leak"));
    pipeline.watermark(6 * 60_000 - 1);

    assertThat(pipeline.label("1m", minute(5), "leak").getBaseline()).isNull();
  }

  private void quietMinutes(int minutes, int perMinute) throws Exception {
    for (int minute = 0; minute < minutes; minute++) {
      answers(minute * 60_000L, perMinute, "leak");
      pipeline.watermark((minute + 1) * 60_000L - 1);
    }
  }

  private void answers(long afterMs, int count, String label) throws Exception {
    List<UsageEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(Events.answered(afterMs + i % 10_000, "acme", label));
    }
    for (UsageEvent event : events) {
      pipeline.event(event);
    }
  }

  private static String minute(int minute) {
    return Instant.ofEpochMilli(Events.START_MS + minute * 60_000L).toString();
  }
}
