package ai.falaj.operators.enrichment;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Gives equal questions equal ids: 128 bits of the SHA-256 of what decides the answer. Two of a
 * billion different questions have the same id with a chance of one in 10^20. Confined to one
 * thread.
 */
public final class QuestionId {

  private static final int BYTES = 16;

  private final MessageDigest digest;
  private final byte[] common;

  /**
   * @param common what decides the answers of all questions alike: the model's name, sampling
   *     parameters, the shape of the answer
   */
  public QuestionId(String common) {
    this.common = common.getBytes(StandardCharsets.UTF_8);
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * @param texts of the prompt's messages, in order
   */
  public String of(String... texts) {
    digest.reset();
    add(common);
    for (String text : texts) {
      add(text.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }

  /** With its length before it, so that no two lists of texts read the same. */
  private void add(byte[] text) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      digest.update((byte) (text.length >>> shift));
    }
    digest.update(text);
  }
}
