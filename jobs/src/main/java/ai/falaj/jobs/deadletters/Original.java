package ai.falaj.jobs.deadletters;

import ai.falaj.schemas.DeadLetter;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The bytes of the record that became a dead letter.
 *
 * @param key null where the record had none
 */
record Original(byte[] key, byte[] value) {

  /** The bytes that the letter carries; empty where it points to them only. */
  static Optional<Original> of(DeadLetter letter) {
    return letter.getValue() == null
        ? Optional.empty()
        : Optional.of(
            new Original(
                letter.getKey() == null ? null : bytes(letter.getKey()), bytes(letter.getValue())));
  }

  int size() {
    return (key == null ? 0 : key.length) + value.length;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.duplicate().get(copy);
    return copy;
  }
}
