package ai.falaj.jobs.web;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a browser gets instead of the token once it has shown it: the time when it ends, and a
 * signature with a key that this process made up. The server keeps nothing per session, so there is
 * nothing to fill; a restart ends all of them. Any thread.
 */
final class SessionCookie {

  static final String NAME = "falaj_session";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;

  private final SecretKeySpec key;
  private final Duration lifetime;
  private final InstantSource clock;

  SessionCookie(Duration lifetime, InstantSource clock) {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, ALGORITHM);
    this.lifetime = lifetime;
    this.clock = clock;
  }

  /** The value of a new one. */
  String issue() {
    byte[] end =
        ByteBuffer.allocate(Long.BYTES)
            .putLong(clock.instant().plus(lifetime).toEpochMilli())
            .array();
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString(end) + "." + encoder.encodeToString(sign(end));
  }

  /** Whether this process issued it and its time is not over. */
  boolean isValid(String value) {
    String[] parts = value.split("\\.", -1);
    if (parts.length != 2) {
      return false;
    }
    byte[] end;
    byte[] signature;
    try {
      end = Base64.getUrlDecoder().decode(parts[0]);
      signature = Base64.getUrlDecoder().decode(parts[1]);
    } catch (IllegalArgumentException e) {
      return false;
    }
    return end.length == Long.BYTES
        && MessageDigest.isEqual(signature, sign(end))
        && Instant.ofEpochMilli(ByteBuffer.wrap(end).getLong()).isAfter(clock.instant());
  }

  Duration lifetime() {
    return lifetime;
  }

  private byte[] sign(byte[] end) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(end);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
