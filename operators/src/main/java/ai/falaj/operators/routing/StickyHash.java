package ai.falaj.operators.routing;

/**
 * Maps texts to points that are spread evenly and never change: not with the process, the platform
 * or the release, because a conversation that moved would find another model. Stateless.
 */
final class StickyHash {

  private static final long FNV_OFFSET = 0xCBF2_9CE4_8422_2325L;
  private static final long FNV_PRIME = 0x0000_0100_0000_01B3L;

  /** 2^-53: doubles below 1 hold so many bits. */
  private static final double UNIT = 0x1p-53;

  private StickyHash() {}

  /** A point above 0 and below 1, independent for different keys and for different salts. */
  static double point(String key, String salt) {
    long hash = mix(append(mix(append(FNV_OFFSET, salt)), key));
    return ((hash >>> 11) + 0.5) * UNIT;
  }

  /** FNV-1a over UTF-16 units. */
  private static long append(long hash, String text) {
    long result = hash;
    for (int i = 0; i < text.length(); i++) {
      result = (result ^ text.charAt(i)) * FNV_PRIME;
    }
    return result;
  }

  /** The finalizer of SplitMix64 (Stafford's variant 13): every bit depends on every bit. */
  private static long mix(long hash) {
    long result = (hash ^ (hash >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    result = (result ^ (result >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return result ^ (result >>> 31);
  }
}
