package ai.falaj.runtime.llamacpp.sampling;

/**
 * Randomness that is looked up instead of drawn: the number for a position is a pure function of
 * seed and position. A sequence that is computed again, resumed elsewhere or verified several
 * tokens at a time therefore meets the same numbers, and a neighbour in the batch cannot use one
 * up.
 *
 * <p>It is the SplitMix64 generator (G. Steele, D. Lea, C. Flood: Fast Splittable Pseudorandom
 * Number Generators, OOPSLA 2014), whose n-th number is a hash of its start plus n times a
 * constant. The start is itself a hash of the seed, so that neighbouring seeds, which the samples
 * of one request have, share nothing. Immutable; any thread.
 */
final class CounterRandom {

  /** Draws of one position: one without and one with a constraint's mask. */
  static final int DRAWS_PER_POSITION = 2;

  private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;
  private static final int DOUBLE_BITS = 53;
  private static final double DOUBLE_UNIT = 0x1p-53;

  private final long start;

  CounterRandom(long seed) {
    this.start = mix(seed + GOLDEN_GAMMA);
  }

  /**
   * Uniform over the multiples of 2^-53 from 0 to below 1.
   *
   * @param position of the token in the completion, from 0
   * @param draw below {@link #DRAWS_PER_POSITION}
   */
  double uniform(int position, int draw) {
    long index = (long) position * DRAWS_PER_POSITION + draw + 1;
    return (mix(start + index * GOLDEN_GAMMA) >>> (Long.SIZE - DOUBLE_BITS)) * DOUBLE_UNIT;
  }

  /** Stafford's variant 13 of the finalizer of MurmurHash3, as SplitMix64 uses it. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return mixed ^ (mixed >>> 31);
  }
}
