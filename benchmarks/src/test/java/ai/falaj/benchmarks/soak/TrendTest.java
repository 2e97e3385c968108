package ai.falaj.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {

  private static final long MIB = 1 << 20;

  @Test
  void drawsTheLineOfLeastSquares() {
    Trend trend = Trend.of(List.of(point(0, 1), point(1, 3), point(2, 2), point(3, 4)));
    assertThat(trend.growth()).isCloseTo(2.4, within(1e-9));
    assertThat(trend.scatter()).isCloseTo(Math.sqrt(1.8 / 2), within(1e-9));
  }

  @Test
  void seesNoGrowthInOneMoment() {
    assertThat(Trend.of(List.of(point(1, 1), point(1, 5), point(1, 3))).growth()).isZero();
  }

  @Test
  void refusesTwoPoints() {
    assertThatThrownBy(() -> Trend.of(List.of(point(0, 1), point(1, 3))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void noiseIsNoLeak() {
    Random random = new Random(5);
    assertThat(
            LeakCheck.leaks(samples(30, i -> 500 * MIB + random.nextInt((int) (6 * MIB)), i -> 12)))
        .isEmpty();
  }

  @Test
  void whatGrowsOnlyWhileItWarmsUpIsNoLeak() {
    assertThat(LeakCheck.leaks(samples(30, i -> (i < 10 ? i * 50 : 500) * MIB, i -> 12))).isEmpty();
  }

  @Test
  void aMegabytePerRuntimeIsALeakOfNativeMemory() {
    assertThat(LeakCheck.leaks(samples(30, i -> (500 + i) * MIB, i -> 12)))
        .singleElement()
        .asString()
        .startsWith("native memory grew by 19.0 MiB");
  }

  @Test
  void aThreadThatStaysIsALeak() {
    assertThat(LeakCheck.leaks(samples(30, i -> 500 * MIB, i -> i < 25 ? 12 : 13)))
        .containsExactly("threads stayed: falaj-decode");
  }

  @Test
  void aThreadThatIsOnItsWayOutIsNoLeak() {
    assertThat(LeakCheck.leaks(samples(30, i -> 500 * MIB, i -> i == 29 ? 13 : 12))).isEmpty();
  }

  @Test
  void fewSamplesTellNothing() {
    assertThat(LeakCheck.isJudged(samples(3, i -> MIB, i -> 1))).isFalse();
    assertThat(LeakCheck.isJudged(samples(6, i -> MIB, i -> 1))).isTrue();
  }

  private static List<ResourceSample> samples(
      int count, IntToLongFunction nativeBytes, IntToLongFunction threads) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new ResourceSample(
                    i,
                    OptionalLong.empty(),
                    OptionalLong.of(nativeBytes.applyAsLong(i)),
                    Collections.nCopies((int) threads.applyAsLong(i), "falaj-decode")))
        .toList();
  }

  private static Trend.Point point(double x, double y) {
    return new Trend.Point(x, y);
  }
}
