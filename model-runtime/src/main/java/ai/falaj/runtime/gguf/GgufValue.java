package ai.falaj.runtime.gguf;

import java.util.List;

/** A metadata value. What is too big to be worth its memory is counted and not kept. */
sealed interface GgufValue {

  /** Any integer type; an unsigned 64-bit value beyond {@code Long.MAX_VALUE} shows as negative. */
  record Whole(long value) implements GgufValue {}

  /** A 32-bit ({@code single}) or a 64-bit float. */
  record Real(double value, boolean single) implements GgufValue {}

  record Flag(boolean value) implements GgufValue {}

  record Text(String value) implements GgufValue {}

  /** A text that was longer than what the reader keeps. */
  record SkippedText(long bytes) implements GgufValue {}

  /**
   * An array; {@code integers} holds its elements where it is a short one of integers, such as one
   * number per layer, and is empty otherwise.
   */
  record Array(long count, List<Long> integers) implements GgufValue {
    public Array {
      integers = List.copyOf(integers);
    }
  }
}
