package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.SamplingParameters;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

  private static final int NUMBERS = 100_000;
  private static final int BINS = 100;

  @Property
  void isAFunctionOfSeedPositionAndDraw(
      @ForAll @LongRange(min = 0, max = SamplingParameters.MAX_SEED) long seed,
      @ForAll @IntRange(min = 0) int position,
      @ForAll @IntRange(min = 0, max = 1) int draw) {
    double number = new CounterRandom(seed).uniform(position, draw);
    CounterRandom other = new CounterRandom(seed);
    other.uniform(3, 0);
    assertThat(other.uniform(position, draw)).isEqualTo(number);
    assertThat(number).isGreaterThanOrEqualTo(0).isLessThan(1);
  }

  /** The reference implementation's first numbers for the state that the seed 0 is hashed to. */
  @Test
  void isSplitMix64() {
    long state = stafford13(0x9E37_79B9_7F4A_7C15L);
    for (int index = 0; index < 6; index++) {
      state += 0x9E37_79B9_7F4A_7C15L;
      double expected = (stafford13(state) >>> 11) * 0x1p-53;
      assertThat(new CounterRandom(0).uniform(index / 2, index % 2)).isEqualTo(expected);
    }
    // java.util.SplittableRandom(0) begins with the same number, from the state itself.
    assertThat(stafford13(0x9E37_79B9_7F4A_7C15L)).isEqualTo(new SplittableRandom(0).nextLong());
  }

  @Test
  void isUniformAlongASequenceAndAcrossNeighbouringSeeds() {
    CounterRandom random = new CounterRandom(7);
    assertUniform(index -> random.uniform(index, 0));
    assertUniform(index -> random.uniform(index, 1));
    assertUniform(index -> new CounterRandom(index).uniform(0, 0));
    assertUniform(index -> new CounterRandom(index).uniform(12, 1));
  }

  @Test
  void neighbouringSeedsAndPositionsAreNotAlike() {
    Set<Double> seen = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      CounterRandom random = new CounterRandom(seed);
      for (int position = 0; position < 300; position++) {
        seen.add(random.uniform(position, 0));
        seen.add(random.uniform(position, 1));
      }
    }
    assertThat(seen).hasSize(300 * 300 * 2);
  }

  private static void assertUniform(IntToDoubleFunction numbers) {
    long[] counts = new long[BINS];
    double[] expected = new double[BINS];
    Arrays.fill(expected, 1.0 / BINS);
    for (int index = 0; index < NUMBERS; index++) {
      counts[(int) (numbers.applyAsDouble(index) * BINS)]++;
    }
    ChiSquare.assertFits(counts, expected);
  }

  private static long stafford13(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
