package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is learnt from measured steps. */
class StepTimesTest {

  private static final long MS = 1_000_000;

  private final StepTimes times = new StepTimes();

  @Test
  void knowsNothingBeforeBothKindsOfStepsWereMeasured() {
    assertThat(times.prefillTokensFor(3, 512)).isEqualTo(512);
    assertThat(times.prefillMs(1_000)).isZero();
    times.measured(plan(4, 0), 20 * MS);
    assertThat(times.prefillTokensFor(3, 512)).isEqualTo(512);
    assertThat(times.prefillMs(1_000)).isZero();
  }

  @Test
  void stretchesADecodingStepByTheFactor() {
    times.measured(plan(4, 0), 20 * MS);
    times.measured(plan(0, 100), 50 * MS);

    assertThat(times.prefillMs(100)).isEqualTo(50);
    assertThat(times.prefillTokensFor(3, 512)).isEqualTo(80);
    assertThat(times.prefillTokensFor(2, 512)).isEqualTo(40);
    assertThat(times.prefillTokensFor(2, 30)).isEqualTo(30);
    assertThat(times.prefillTokensFor(1, 512)).isEqualTo(SchedulerConfig.MIN_CHUNK_TOKENS);
    assertThat(times.prefillTokensFor(Double.POSITIVE_INFINITY, 512)).isEqualTo(512);
  }

  @Test
  void aStepThatDoesBothTellsThePrefillOnTop() {
    times.measured(plan(4, 0), 20 * MS);
    times.measured(plan(4, 10), 30 * MS);

    assertThat(times.prefillMs(10)).isEqualTo(10);
  }

  @Test
  void aStepThatDoesBothTellsNothingBeforeDecodingWasMeasured() {
    times.measured(plan(4, 10), 30 * MS);

    assertThat(times.prefillMs(10)).isZero();
  }

  @Test
  void followsWhatGetsSlower() {
    measureChunks(50, 50);
    measureChunks(300, 100);

    assertThat(times.prefillMs(100)).isBetween(99L, 100L);
  }

  @Test
  void followsWhatGetsFasterThoughAllChunksAreOfOneSize() {
    measureChunks(1, 500);
    measureChunks(500, 50);

    assertThat(times.prefillMs(100)).isBetween(50L, 51L);
  }

  private void measureChunks(int steps, long milliseconds) {
    for (int step = 0; step < steps; step++) {
      times.measured(plan(0, 100), milliseconds * MS);
    }
  }

  @Test
  void tellsThePassFromItsTokens() {
    for (int step = 0; step < 20; step++) {
      int tokens = step % 2 == 0 ? 50 : 150;
      times.measured(plan(0, tokens), (30 + tokens / 10) * MS);
    }
    times.measured(plan(4, 0), 40 * MS);

    assertThat(times.prefillMs(100)).isBetween(39L, 40L);
    // 80 ms on top: 30 for the pass, and 50 for tokens.
    assertThat(times.prefillTokensFor(3, 2_000)).isBetween(498, 502);
    // As many tokens as cost what the pass does, though there is no time for them.
    assertThat(times.prefillTokensFor(1, 2_000)).isBetween(298, 302);
  }

  @Test
  void wantsToSeeDecodingAloneAfterManyStepsThatPrefillToo() {
    for (int step = 0; step < StepTimes.MAX_MIXED_STEPS; step++) {
      assertThat(times.wantsDecodeStep()).isFalse();
      times.measured(plan(4, 10), 30 * MS);
    }
    assertThat(times.wantsDecodeStep()).isTrue();
    times.measured(plan(0, 10), 30 * MS);
    assertThat(times.wantsDecodeStep()).isTrue();
    times.measured(plan(4, 0), 20 * MS);
    assertThat(times.wantsDecodeStep()).isFalse();
  }

  @Test
  void ignoresAStepThatWasNotMeasured() {
    times.measured(plan(0, 100), 50 * MS);
    times.measured(plan(0, 100), 0);

    assertThat(times.prefillMs(100)).isEqualTo(50);
  }

  @Test
  void aStepFasterThanDecodingAloneIsNoNegativePrefill() {
    times.measured(plan(4, 0), 20 * MS);
    times.measured(plan(0, 10), 10 * MS);
    times.measured(plan(4, 10), 15 * MS);

    assertThat(times.prefillMs(10)).isBetween(0L, 10L);
    assertThat(times.prefillMs(10_000)).isPositive();
  }

  private static StepPlan plan(int decoding, int promptTokens) {
    List<SequenceWork> work = new ArrayList<>();
    for (int slot = 0; slot < decoding; slot++) {
      work.add(new SequenceWork(slot, slot, 5, 1, 0, true));
    }
    if (promptTokens > 0) {
      work.add(new SequenceWork(decoding, decoding, 0, promptTokens, 0, true));
    }
    return new StepPlan(List.of(), List.of(), List.of(), List.of(), 0, work);
  }
}
