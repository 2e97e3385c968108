package ai.falaj.runtime;

import java.util.List;
import java.util.Objects;

/**
 * How likely a generated token was, before temperature and truncation but after {@code logit_bias}
 * and penalties.
 *
 * @param token id in the model's vocabulary
 * @param text its bytes as text; an unfinished code point reads as U+FFFD
 * @param logprob natural logarithm of its probability
 * @param top the most likely tokens of that position, most likely first; as many as were asked for
 */
public record TokenLogprob(int token, String text, float logprob, List<Alternative> top) {

  public TokenLogprob {
    Objects.requireNonNull(text, "text");
    top = List.copyOf(top);
  }

  /** A token that might have been chosen. */
  public record Alternative(int token, String text, float logprob) {}
}
