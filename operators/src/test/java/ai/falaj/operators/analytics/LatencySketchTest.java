package ai.falaj.operators.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LatencySketchTest {

  private static final int VALUES = 20_000;

  /** A sketch of 40 and 1000 milliseconds. */
  private static final String SKETCH_BYTES = "0ec2f1e7e9ed51f03f00000000000000000502f40202c40202";

  static Stream<Arguments> distributions() {
    Random random = new Random(7);
    return Stream.of(
        Arguments.of("even", (LongUnaryOperator) i -> random.nextInt(60_000)),
        Arguments.of(
            "long tail", (LongUnaryOperator) i -> (long) Math.exp(random.nextGaussian() * 3)),
        Arguments.of("two humps", (LongUnaryOperator) i -> i % 20 == 0 ? 3_600_000 : 40),
        Arguments.of("hostile", (LongUnaryOperator) i -> random.nextLong() & Long.MAX_VALUE),
        Arguments.of("all equal", (LongUnaryOperator) i -> 1_234));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("distributions")
  void eachQuantileIsWithinOnePercentOfTheTrueOne(String name, LongUnaryOperator distribution) {
    long[] values = LongStream.range(0, VALUES).map(distribution).toArray();
    LatencySketch sketch = sketchOf(values);

    Arrays.sort(values);
    for (double quantile : new double[] {0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1}) {
      double exact = values[(int) (quantile * (VALUES - 1))];
      assertThat(sketch.valueAt(quantile).orElseThrow())
          .as("%s at %s", name, quantile)
          .isCloseTo(exact, within(exact * LatencySketch.RELATIVE_ACCURACY * (1 + 1e-9)));
    }
    assertThat(sketch.count()).isEqualTo(VALUES);
  }

  @Test
  void mergedPartsAreTheWholeToTheBit() {
    Random random = new Random(3);
    long[] values = LongStream.range(0, VALUES).map(i -> random.nextInt(1_000_000)).toArray();
    LatencySketch forwards = LatencySketch.EMPTY;
    LatencySketch backwards = LatencySketch.EMPTY;
    for (int from = 0; from < VALUES; from += 1_000) {
      LatencySketch part = sketchOf(Arrays.copyOfRange(values, from, from + 1_000));
      forwards = merged(forwards, part);
      backwards = merged(part, backwards);
    }

    assertThat(forwards).isEqualTo(sketchOf(values)).isEqualTo(backwards);
  }

  @Test
  void mergingChangesNeitherPart() {
    LatencySketch one = sketchOf(1, 2, 3);
    byte[] before = one.toBytes();

    merged(one, sketchOf(100));
    merged(sketchOf(100), one);

    assertThat(one.toBytes()).isEqualTo(before);
  }

  @Test
  void comesBackFromItsBytes() throws Exception {
    LatencySketch sketch = sketchOf(0, 1, 70, 1_000_000);

    assertThat(LatencySketch.ofBytes(sketch.toBytes())).isEqualTo(sketch);
    assertThat(merged(LatencySketch.ofBytes(sketch.toBytes()), sketch).count()).isEqualTo(8);
    LatencySketch empty = LatencySketch.ofBytes(LatencySketch.EMPTY.toBytes());
    assertThat(empty.isEmpty()).isTrue();
    assertThat(empty.valueAt(0.5)).isEmpty();
    assertThat(merged(empty, sketch)).isEqualTo(sketch);
  }

  @Test
  void negativeDurationsOfAClockThatWasSetCountAsNone() {
    assertThat(sketchOf(-5).valueAt(0.5)).hasValue(0);
  }

  @Test
  void staysSmallWhateverTheValues() {
    Random random = new Random(5);
    long[] day = LongStream.range(0, VALUES).map(i -> random.nextInt(86_400_000)).toArray();

    assertThat(sketchOf(day).toBytes()).hasSizeLessThan(8_192);
  }

  /** The library's own encoding is part of our checkpoints: another release must read it. */
  @Test
  void readsAndWritesTheBytesOfTheFirstLayout() throws Exception {
    LatencySketch sketch = sketchOf(40, 1_000);

    assertThat(HexFormat.of().formatHex(sketch.toBytes())).isEqualTo(SKETCH_BYTES);
    assertThat(LatencySketch.ofBytes(HexFormat.of().parseHex(SKETCH_BYTES))).isEqualTo(sketch);
  }

  private static LatencySketch sketchOf(long... values) {
    LatencySketch.Builder builder = new LatencySketch.Builder();
    for (long value : values) {
      builder.add(value);
    }
    return builder.build();
  }

  private static LatencySketch merged(LatencySketch one, LatencySketch other) {
    LatencySketch.Builder builder = new LatencySketch.Builder();
    builder.add(one);
    builder.add(other);
    return builder.build();
  }
}
