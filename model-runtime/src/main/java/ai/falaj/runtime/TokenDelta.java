package ai.falaj.runtime;

import java.util.List;
import java.util.Objects;

/**
 * Tokens that were generated since the last delta, with the text that they completed.
 *
 * <p>Text may lag behind tokens: an unfinished code point, a possible stop string and a possible
 * reasoning tag are held back until a later delta decides them. {@code text} is therefore empty,
 * one segment, or several where the channel changes.
 *
 * @param sample which of the request's samples, 0 for the first
 * @param tokens token ids of the model's vocabulary, in order; empty only when held-back text is
 *     released at the end. For engines that do not show their tokens, one {@link TokenIds#UNKNOWN}
 *     each
 * @param text segments in order, none of them empty
 * @param logprobs one per token where the request asked for them, else empty
 */
public record TokenDelta(
    int sample, List<Integer> tokens, List<TextSegment> text, List<TokenLogprob> logprobs) {

  public TokenDelta {
    tokens = List.copyOf(tokens);
    text = List.copyOf(text);
    logprobs = List.copyOf(logprobs);
  }

  /** Of the first sample, without logprobs. */
  public TokenDelta(List<Integer> tokens, List<TextSegment> text) {
    this(0, tokens, text, List.of());
  }

  /** A piece of text on one channel. It never splits a code point. */
  public record TextSegment(Channel channel, String text) {
    public TextSegment {
      Objects.requireNonNull(channel, "channel");
      if (text.isEmpty()) {
        throw new IllegalArgumentException("a text segment is never empty");
      }
    }
  }
}
