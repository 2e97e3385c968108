package ai.falaj.jobs.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A secret that callers have to know. Held as its hash; comparing takes the same time whatever the
 * other text is, its length included. Immutable; shows nothing of the secret.
 */
public final class AccessToken {

  /** A shorter one could be guessed. */
  public static final int LEAST_CHARACTERS = 16;

  private final byte[] hash;

  private AccessToken(byte[] hash) {
    this.hash = hash;
  }

  /**
   * @param secret without white space around it
   * @throws IllegalArgumentException where it is too short; the message says how short, never what
   */
  public static AccessToken of(String secret) {
    if (secret.length() < LEAST_CHARACTERS) {
      throw new IllegalArgumentException(
          "the token has %d characters; give it at least %d"
              .formatted(secret.length(), LEAST_CHARACTERS));
    }
    return new AccessToken(sha256(secret));
  }

  /**
   * A secret of which only the hash is known.
   *
   * @param hash SHA-256 of its UTF-8 bytes
   */
  public static AccessToken ofSha256(byte[] hash) {
    if (hash.length != 32) {
      throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + hash.length);
    }
    return new AccessToken(hash.clone());
  }

  /** Whether that is the secret. */
  public boolean matches(String candidate) {
    return MessageDigest.isEqual(hash, sha256(candidate));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "AccessToken[hidden]";
  }
}
