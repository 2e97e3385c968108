package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepTimesFitTest {

  private static final double DECODE_NANOS = 16e6;
  private static final double NANOS_PER_PASS = 16e6;
  private static final double NANOS_PER_TOKEN = 0.2e6;

  private final StepTimes times = new StepTimes();

  @Test
  void allowsAllTokensWhileNothingIsMeasured() {
    assertThat(times.prefillTokensFor(3, 512)).isEqualTo(512);
  }

  @Test
  void allowsWhatFitsIntoTheStretch() {
    measureDecoding();
    for (int chunk : new int[] {40, 80, 160}) {
      measureMixed(chunk);
    }

    // (5 - 1) * 16 ms less the pass of 16 ms leave 48 ms for 240 tokens.
    assertThat((double) times.prefillTokensFor(5, 512)).isCloseTo(240, within(3.0));
    assertThat(times.prefillTokensFor(5, 100)).isEqualTo(100);
  }

  /** The rest of a prompt is often short; its cost per token says nothing about long chunks. */
  @Test
  void shortChunksDoNotDriveOutLongOnes() {
    measureDecoding();
    for (int round = 0; round < 50; round++) {
      measureMixed(times.prefillTokensFor(3, 512));
      measureMixed(5);
      measureMixed(2);
    }

    assertThat(times.prefillTokensFor(3, 512)).isGreaterThanOrEqualTo(75);
  }

  @Test
  void allowsWhatIsWorthAPassOverTheWeightsHoweverSmallTheStretch() {
    measureDecoding();
    measureMixed(40);
    measureMixed(160);

    assertThat((double) times.prefillTokensFor(1, 512)).isCloseTo(80, within(3.0));
  }

  @Test
  void wantsADecodeStepAfterManyThatPrefilledToo() {
    measureDecoding();
    for (int step = 1; step < StepTimes.MAX_MIXED_STEPS; step++) {
      measureMixed(64);
    }
    assertThat(times.wantsDecodeStep()).isFalse();

    measureMixed(64);
    assertThat(times.wantsDecodeStep()).isTrue();

    measureDecoding();
    assertThat(times.wantsDecodeStep()).isFalse();
  }

  private void measureDecoding() {
    times.measured(plan(1, 0), (long) DECODE_NANOS);
  }

  private void measureMixed(int chunk) {
    times.measured(
        plan(1, chunk), (long) (DECODE_NANOS + NANOS_PER_PASS + chunk * NANOS_PER_TOKEN));
  }

  private static StepPlan plan(int decoding, int chunk) {
    List<SequenceWork> work = new ArrayList<>();
    for (int slot = 0; slot < decoding; slot++) {
      work.add(new SequenceWork(slot, slot, 100, 1, 0, true));
    }
    if (chunk > 0) {
      work.add(new SequenceWork(decoding, decoding, 0, chunk, 0, false));
    }
    return new StepPlan(List.of(), List.of(), List.of(), List.of(), 0, work);
  }
}
