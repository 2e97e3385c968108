package ai.falaj.runtime.text;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits what a reasoning model writes into {@link Channel#REASONING} and {@link Channel#ANSWER}.
 *
 * <p>K2 Think writes {@code <think>reasoning</think><answer>answer</answer>}; DeepSeek-R1, Qwen3
 * and others write the same without the answer tags. Tags never reach the text; white space around
 * them neither. A text that does not begin with {@code <think>} is an answer from its first
 * character on, tags and all.
 *
 * <pre>
 * START --&lt;think&gt;--&gt; REASONING --&lt;/think&gt;--&gt; BEFORE_ANSWER --&lt;answer&gt;--&gt; TAGGED_ANSWER --&lt;/answer&gt;--&gt; ENDED
 *   \--anything else--&gt; PLAIN_ANSWER &lt;--anything else--/
 * </pre>
 *
 * <p>A possible beginning of a tag is held back until the next text decides it. Confined to one
 * thread.
 */
public final class ReasoningSplitter {

  private static final String THINK_OPEN = "<think>";
  private static final String THINK_CLOSE = "</think>";
  private static final String ANSWER_OPEN = "<answer>";
  private static final String ANSWER_CLOSE = "</answer>";

  private enum State {
    START,
    REASONING,
    BEFORE_ANSWER,
    TAGGED_ANSWER,
    PLAIN_ANSWER,
    ENDED
  }

  private final StringBuilder held = new StringBuilder();
  private final List<TextSegment> segments = new ArrayList<>(2);
  private State state;
  private boolean trimLeading;

  /**
   * @param insideReasoning whether the prompt already opened {@code <think>}, as some chat
   *     templates do
   */
  public ReasoningSplitter(boolean insideReasoning) {
    this.state = insideReasoning ? State.REASONING : State.START;
    this.trimLeading = insideReasoning;
  }

  /** The segments that {@code text} completes, in order. */
  public List<TextSegment> append(String text) {
    held.append(text);
    while (step(false)) {
      // each step consumes a tag or decides a state
    }
    return drain();
  }

  /** Releases what was held back: no more text comes. */
  public List<TextSegment> finish() {
    while (step(true)) {
      // each step consumes a tag or decides a state
    }
    return drain();
  }

  /** Whether the last token seen so far belongs to the reasoning. */
  public boolean insideReasoning() {
    return state == State.REASONING;
  }

  /**
   * Returns whether the state changed, so that the rest of the held text must be looked at again.
   */
  private boolean step(boolean end) {
    return switch (state) {
      case START -> open(THINK_OPEN, State.REASONING, end);
      case BEFORE_ANSWER -> open(ANSWER_OPEN, State.TAGGED_ANSWER, end);
      case REASONING -> emitUntil(THINK_CLOSE, Channel.REASONING, State.BEFORE_ANSWER, end);
      case TAGGED_ANSWER -> emitUntil(ANSWER_CLOSE, Channel.ANSWER, State.ENDED, end);
      case PLAIN_ANSWER -> emit(Channel.ANSWER, held.length());
      case ENDED -> emitAfterAnswer();
    };
  }

  /** White space, then {@code tag} or something else. */
  private boolean open(String tag, State opened, boolean end) {
    int textIndex = firstNonBlank();
    String rest = held.substring(textIndex);
    if (rest.startsWith(tag)) {
      held.delete(0, textIndex + tag.length());
      state = opened;
      trimLeading = true;
      return true;
    }
    if (!end && tag.startsWith(rest)) {
      return false;
    }
    if (state == State.BEFORE_ANSWER) {
      held.delete(0, textIndex);
    }
    state = State.PLAIN_ANSWER;
    return true;
  }

  private boolean emitUntil(String tag, Channel channel, State closed, boolean end) {
    if (trimLeading) {
      int textIndex = firstNonBlank();
      held.delete(0, textIndex);
      trimLeading = held.isEmpty();
    }
    int tagIndex = held.indexOf(tag);
    if (tagIndex >= 0) {
      int textEnd = tagIndex;
      while (textEnd > 0 && Character.isWhitespace(held.charAt(textEnd - 1))) {
        textEnd--;
      }
      emit(channel, textEnd);
      held.delete(0, tagIndex - textEnd + tag.length());
      state = closed;
      return true;
    }
    emit(channel, end ? held.length() : held.length() - heldBackLength(tag));
    return false;
  }

  /**
   * After {@code </answer>} only white space is expected; anything else still reaches the reader.
   */
  private boolean emitAfterAnswer() {
    if (firstNonBlank() < held.length()) {
      emit(Channel.ANSWER, held.length());
    }
    return false;
  }

  /**
   * Length of the held text's end that may belong to {@code tag}: white space, then a beginning of
   * the tag.
   */
  private int heldBackLength(String tag) {
    int length = held.length();
    int tagStart = length;
    for (int candidate = Math.max(0, length - tag.length() + 1); candidate < length; candidate++) {
      if (tag.startsWith(held.substring(candidate))) {
        tagStart = candidate;
        break;
      }
    }
    while (tagStart > 0 && Character.isWhitespace(held.charAt(tagStart - 1))) {
      tagStart--;
    }
    return length - tagStart;
  }

  private boolean emit(Channel channel, int length) {
    if (length > 0) {
      segments.add(new TextSegment(channel, held.substring(0, length)));
      held.delete(0, length);
    }
    return false;
  }

  private int firstNonBlank() {
    int index = 0;
    while (index < held.length() && Character.isWhitespace(held.charAt(index))) {
      index++;
    }
    return index;
  }

  private List<TextSegment> drain() {
    List<TextSegment> drained = List.copyOf(segments);
    segments.clear();
    return drained;
  }
}
