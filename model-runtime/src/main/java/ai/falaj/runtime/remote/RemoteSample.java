package ai.falaj.runtime.remote;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.remote.protocol.Reasoning;
import ai.falaj.runtime.remote.protocol.WireCall.BegunAnswer;
import ai.falaj.runtime.text.ReasoningSplitter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * One sample of a {@link RemoteGeneration}: pieces of a stream in, deltas out. Confined to the
 * runtime's thread.
 *
 * <p>A server does not show its tokens, so each piece counts as one, or as many as it has logprobs;
 * the server's own count at the end corrects it upwards.
 */
final class RemoteSample {

  private final int index;
  private final boolean wantsLogprobs;
  private final Optional<ReasoningSplitter> splitter;
  private final StringBuilder reasoning = new StringBuilder();
  private final StringBuilder answer = new StringBuilder();
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private final ToolCallParts toolCalls = new ToolCallParts();

  /** The first half of a character beyond the basic plane whose second half is yet to come. */
  private String heldOfReasoning = "";

  private String heldOfText = "";

  private List<TokenDelta> given = List.of();
  private int givenTokens;
  private int tokens;
  private int reasoningTokens;
  private Optional<FinishReason> finishReason = Optional.empty();

  RemoteSample(int index, Reasoning style, boolean wantsLogprobs) {
    this.index = index;
    this.wantsLogprobs = wantsLogprobs;
    this.splitter =
        style == Reasoning.TAGS ? Optional.of(new ReasoningSplitter(false)) : Optional.empty();
  }

  /** Takes what an interrupted generation had told, before anything else. */
  void resume(Resumption.Sample from) {
    List<TokenDelta> deltas = new ArrayList<>();
    int logprob = 0;
    for (Resumption.Told told : from.told()) {
      List<TokenLogprob> own =
          from.logprobs().isEmpty()
              ? List.of()
              : from.logprobs().subList(logprob, logprob + told.tokens());
      logprob += told.tokens();
      deltas.add(delta(told.tokens(), told.text(), own));
    }
    given = deltas;
    givenTokens = tokens;
    splitter.ifPresent(
        tags -> {
          // It goes on in the state that the text left it in; what it says of it was told before.
          if (!reasoning.isEmpty()) {
            tags.append("<think>" + reasoning);
          }
          if (!answer.isEmpty()) {
            tags.append((reasoning.isEmpty() ? "" : "</think><answer>") + answer);
          }
        });
  }

  /** What there is of the answer for the server to go on with; empty where there is nothing. */
  Optional<BegunAnswer> begun() {
    return reasoning.isEmpty() && answer.isEmpty()
        ? Optional.empty()
        : Optional.of(new BegunAnswer(reasoning.toString(), answer.toString()));
  }

  /** What was given and is still to be told. */
  List<TokenDelta> takeGiven() {
    List<TokenDelta> taken = given;
    given = List.of();
    return taken;
  }

  TokenDelta piece(int count, String newReasoning, String newText, List<TokenLogprob> newLogprobs) {
    List<TextSegment> segments = new ArrayList<>(2);
    String thought = heldOfReasoning + newReasoning;
    heldOfReasoning = half(thought);
    addSegment(Channel.REASONING, whole(thought), segments);
    String text = heldOfText + newText;
    heldOfText = half(text);
    if (splitter.isPresent()) {
      segments.addAll(splitter.get().append(whole(text)));
    } else {
      addSegment(Channel.ANSWER, whole(text), segments);
    }
    return delta(count, segments, wantsLogprobs ? newLogprobs : List.of());
  }

  /** A part of a tool call; it has no text. */
  TokenDelta toolCallPart(int call, String id, String name, String arguments) {
    toolCalls.add(call, id, name, arguments);
    return delta(1, List.of(), List.of());
  }

  boolean ended() {
    return finishReason.isPresent();
  }

  /** The first reason counts. */
  void end(FinishReason reason) {
    if (finishReason.isEmpty()) {
      boolean calls = reason == FinishReason.STOP && !toolCalls.isEmpty();
      finishReason = Optional.of(calls ? FinishReason.TOOL_CALLS : reason);
    }
  }

  /**
   * Releases what was held back.
   *
   * @param uncounted tokens that the server counted and did not tell
   * @param reasoned tokens that the server counted as reasoning
   * @return the last delta, where there is anything in it
   */
  Optional<TokenDelta> finish(int uncounted, int reasoned) {
    reasoningTokens = Math.max(reasoningTokens, reasoned);
    List<TextSegment> held = splitter.map(ReasoningSplitter::finish).orElse(List.of());
    if (held.isEmpty() && uncounted <= 0) {
      return Optional.empty();
    }
    return Optional.of(delta(Math.max(0, uncounted), held, List.of()));
  }

  int tokens() {
    return tokens;
  }

  int givenTokens() {
    return givenTokens;
  }

  int reasoningTokens() {
    return reasoningTokens;
  }

  /**
   * @throws java.util.NoSuchElementException before the end
   */
  GenerationResult.Sample result() {
    FinishReason reason = finishReason.orElseThrow();
    return new GenerationResult.Sample(
        answer.toString(),
        reasoning.toString(),
        reason,
        reasoningTokens,
        tokens,
        logprobs,
        toolCalls.calls(reason, index));
  }

  private TokenDelta delta(int count, List<TextSegment> text, List<TokenLogprob> newLogprobs) {
    boolean thinks = splitter.map(ReasoningSplitter::insideReasoning).orElse(false);
    for (TextSegment segment : text) {
      (segment.channel() == Channel.ANSWER ? answer : reasoning).append(segment.text());
      thinks |= segment.channel() == Channel.REASONING;
    }
    tokens += count;
    if (thinks) {
      reasoningTokens += count;
    }
    logprobs.addAll(newLogprobs);
    return new TokenDelta(index, Collections.nCopies(count, TokenIds.UNKNOWN), text, newLogprobs);
  }

  private static void addSegment(Channel channel, String text, List<TextSegment> segments) {
    if (!text.isEmpty()) {
      segments.add(new TextSegment(channel, text));
    }
  }

  private static String whole(String text) {
    return text.substring(0, text.length() - half(text).length());
  }

  private static String half(String text) {
    boolean cut = !text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1));
    return cut ? text.substring(text.length() - 1) : "";
  }
}
