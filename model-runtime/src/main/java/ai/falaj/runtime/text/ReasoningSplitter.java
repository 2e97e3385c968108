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
 * character on, tags and all. Where the prompt already opened {@code <think>}, a model that opens
 * it once more is forgiven.
 *
 * <pre>
 * START --&lt;think&gt;--&gt; REASONING --&lt;/think&gt;--&gt; BEFORE_ANSWER --&lt;answer&gt;--&gt; TAGGED_ANSWER --&lt;/answer&gt;--&gt; ENDED
 *   \--anything else--&gt; PLAIN_ANSWER &lt;--anything else--/
 *
 * OPENED_BY_PROMPT --&lt;think&gt; or anything else--&gt; REASONING
 * </pre>
 *
 * <p>After {@code </answer>} only white space is expected, and dropped; anything else still reaches
 * the reader as part of the answer, as it is.
 *
 * <p>White space and a possible beginning of a tag are held back until a later character decides
 * them. Every character is looked at once, so a text costs time in proportion to its length however
 * it is cut, and the result never depends on the cuts. Confined to one thread.
 */
public final class ReasoningSplitter {

  private static final String THINK_OPEN = "<think>";
  private static final String THINK_CLOSE = "</think>";
  private static final String ANSWER_OPEN = "<answer>";
  private static final String ANSWER_CLOSE = "</answer>";

  private enum State {
    START,
    OPENED_BY_PROMPT,
    REASONING,
    BEFORE_ANSWER,
    TAGGED_ANSWER,
    PLAIN_ANSWER,
    ENDED
  }

  /** White space, then the first {@link #tagLength} chars of the tag that the state waits for. */
  private final StringBuilder held = new StringBuilder();

  private int tagLength;

  /** Whether white space is dropped because only a tag came before it. */
  private boolean trimLeading;

  private final List<TextSegment> segments = new ArrayList<>(2);
  private final StringBuilder segment = new StringBuilder();
  private Channel segmentChannel = Channel.ANSWER;
  private State state;
  private boolean reasoned;

  /**
   * @param insideReasoning whether the prompt already opened {@code <think>}, as some chat
   *     templates do
   */
  public ReasoningSplitter(boolean insideReasoning) {
    enter(insideReasoning ? State.OPENED_BY_PROMPT : State.START);
    trimLeading = insideReasoning;
  }

  /** The segments that {@code text} completes, in order. */
  public List<TextSegment> append(String text) {
    for (int index = 0; index < text.length(); index++) {
      accept(text.charAt(index));
    }
    return drain();
  }

  /** Releases what was held back: no more text comes. */
  public List<TextSegment> finish() {
    switch (state) {
      case START, BEFORE_ANSWER, TAGGED_ANSWER -> emitHeld(Channel.ANSWER);
      case OPENED_BY_PROMPT, REASONING -> emitHeld(Channel.REASONING);
      case PLAIN_ANSWER, ENDED -> forgetHeld();
    }
    return drain();
  }

  /** Whether the text seen so far ends inside the reasoning. */
  public boolean insideReasoning() {
    return state == State.REASONING || state == State.OPENED_BY_PROMPT;
  }

  /** Whether what came so far is reasoning, or may still turn out to be its opening tag. */
  boolean beforeEndOfReasoning() {
    return insideReasoning() || state == State.START;
  }

  /** Whether there was reasoning at all, even an empty one. */
  boolean reasoned() {
    return reasoned;
  }

  private void accept(char character) {
    switch (state) {
      case START -> open(THINK_OPEN, character, State.REASONING, State.PLAIN_ANSWER);
      case OPENED_BY_PROMPT -> open(THINK_OPEN, character, State.REASONING, State.REASONING);
      case BEFORE_ANSWER -> open(ANSWER_OPEN, character, State.TAGGED_ANSWER, State.PLAIN_ANSWER);
      case REASONING -> close(THINK_CLOSE, character, Channel.REASONING, State.BEFORE_ANSWER);
      case TAGGED_ANSWER -> close(ANSWER_CLOSE, character, Channel.ANSWER, State.ENDED);
      case PLAIN_ANSWER -> emit(Channel.ANSWER, character);
      case ENDED -> afterAnswer(character);
    }
  }

  /** White space, then {@code tag} or something else. */
  private void open(String tag, char character, State opened, State otherwise) {
    if (continuesTag(tag, character)) {
      maybeEnter(opened, tag);
    } else if (tagLength == 0 && Character.isWhitespace(character)) {
      held.append(character);
    } else {
      String text = heldText();
      forgetHeld();
      enter(otherwise);
      for (int index = 0; index < text.length(); index++) {
        accept(text.charAt(index));
      }
      accept(character);
    }
  }

  /** Text, perhaps white space, then {@code tag}. */
  private void close(String tag, char character, Channel channel, State closed) {
    if (continuesTag(tag, character)) {
      maybeEnter(closed, tag);
    } else if (tagLength > 0) {
      emitHeld(channel);
      accept(character);
    } else if (Character.isWhitespace(character)) {
      if (!trimLeading) {
        held.append(character);
      }
    } else {
      emitHeld(channel);
      emit(channel, character);
    }
  }

  private void afterAnswer(char character) {
    if (Character.isWhitespace(character)) {
      held.append(character);
    } else {
      emitHeld(Channel.ANSWER);
      emit(Channel.ANSWER, character);
    }
  }

  private boolean continuesTag(String tag, char character) {
    if (tag.charAt(tagLength) != character) {
      return false;
    }
    held.append(character);
    tagLength++;
    return true;
  }

  /** Enters {@code next} if the tag that leads there is complete. */
  private void maybeEnter(State next, String tag) {
    if (tagLength == tag.length()) {
      forgetHeld();
      enter(next);
      trimLeading = next != State.ENDED;
    }
  }

  private void enter(State next) {
    state = next;
    reasoned |= insideReasoning();
  }

  /** What is held is no tag but text. */
  private void emitHeld(Channel channel) {
    String text = heldText();
    forgetHeld();
    for (int index = 0; index < text.length(); index++) {
      emit(channel, text.charAt(index));
    }
  }

  private String heldText() {
    return held.substring(trimLeading ? held.length() - tagLength : 0);
  }

  private void forgetHeld() {
    held.setLength(0);
    tagLength = 0;
  }

  private void emit(Channel channel, char character) {
    if (channel != segmentChannel) {
      endSegment();
      segmentChannel = channel;
    }
    segment.append(character);
    trimLeading = false;
  }

  private void endSegment() {
    if (!segment.isEmpty()) {
      segments.add(new TextSegment(segmentChannel, segment.toString()));
      segment.setLength(0);
    }
  }

  private List<TextSegment> drain() {
    endSegment();
    List<TextSegment> drained = List.copyOf(segments);
    segments.clear();
    return drained;
  }
}
