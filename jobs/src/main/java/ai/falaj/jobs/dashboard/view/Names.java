package ai.falaj.jobs.dashboard.view;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names that clients choose, of any length, as names of at most {@value #MOST_CHARACTERS}
 * characters: a longer one becomes its beginning and a hash, so that it still tells one from
 * another. Applied twice it changes nothing. Stateless.
 */
public final class Names {

  public static final int MOST_CHARACTERS = 256;

  private static final int KEPT = 200;
  private static final int HASH_BYTES = 8;

  private Names() {}

  /** The name as it is shown and looked up. */
  public static String bounded(String name) {
    if (name.length() <= MOST_CHARACTERS) {
      return name;
    }
    return CutText.beginning(name, KEPT) + "…" + hash(name);
  }

  /** Likewise; null stays null. */
  public static String boundedOrNull(String name) {
    return name == null ? null : bounded(name);
  }

  private static String hash(String name) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
