package ai.falaj.runtime.testing;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One sample of a {@link FakeGeneration}. It writes its script until its turn, its stop string or
 * its length ends it, or until it is told to end. Confined to whoever steps the runtime.
 */
final class FakeSample {

  /** The token that ends a turn; it has no text. */
  static final int END_OF_TURN = 2;

  private static final float FAKE_LOGPROB = -0.5f;

  private final GenerationRequest request;
  private final int index;
  private final int maxTokens;
  private final List<TextSegment> script;
  private final List<ToolCall> toolCalls;
  private final StringBuilder answer = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private int tokens;
  private int reasoningTokens;
  private List<TokenDelta> given = new ArrayList<>();
  private int givenTokens;
  private Optional<FinishReason> finishReason = Optional.empty();

  FakeSample(GenerationRequest request, int index, boolean reasons, int maxTokens) {
    this.request = request;
    this.index = index;
    this.maxTokens = maxTokens;
    this.script = FakeScript.of(request, index, reasons);
    this.toolCalls = FakeScript.toolCalls(request);
  }

  boolean ended() {
    return finishReason.isPresent();
  }

  int tokens() {
    return tokens;
  }

  /** Those that an interrupted generation had made. */
  int givenTokens() {
    return givenTokens;
  }

  /**
   * Takes the tokens of an interrupted generation, before anything else.
   *
   * @return why they cannot be this sample's; empty where they can
   */
  Optional<String> resume(Resumption.Sample sample) {
    int count = sample.tokens().size();
    if (request.sampling().topLogprobs().isPresent() && count > sample.logprobs().size()) {
      return Optional.of("sample %d comes without its logprobs".formatted(index));
    }
    for (int position = 0; position < count; position++) {
      if (ended() || tokens >= maxTokens) {
        return Optional.of("sample %d was over after %d tokens".formatted(index, position));
      }
      TokenDelta delta = generate();
      if (delta.tokens().get(0) != sample.tokens().get(position)) {
        return Optional.of("this model writes another token %d".formatted(position));
      }
      given.add(delta);
    }
    givenTokens = count;
    return Optional.empty();
  }

  /** What was given and is still to be told. */
  List<TokenDelta> takeGiven() {
    List<TokenDelta> taken = given;
    given = List.of();
    return taken;
  }

  int reasoningTokens() {
    return reasoningTokens;
  }

  void end(FinishReason reason) {
    if (finishReason.isEmpty()) {
      finishReason = Optional.of(reason);
    }
  }

  /** Writes one token, which may be its last. */
  TokenDelta generate() {
    int next = tokens++;
    if (next == script.size() && !request.ignoreEndOfSequence()) {
      end(toolCalls.isEmpty() ? FinishReason.STOP : FinishReason.TOOL_CALLS);
      return delta(END_OF_TURN, "", List.of());
    }
    TextSegment segment = script.get(next % script.size());
    int token = tokenOf(segment);
    if (request.sampling().stop().stream().anyMatch(segment.text()::contains)) {
      // A stop string ends the answer before the word that holds it.
      end(FinishReason.STOP);
      return delta(token, segment.text(), List.of());
    }
    if (segment.channel() == Channel.REASONING) {
      reasoning.append(segment.text());
      reasoningTokens++;
    } else {
      answer.append(segment.text());
    }
    if (tokens >= maxTokens) {
      end(FinishReason.LENGTH);
    }
    return delta(token, segment.text(), List.of(segment));
  }

  private TokenDelta delta(int token, String tokenText, List<TextSegment> text) {
    if (request.sampling().topLogprobs().isEmpty()) {
      return new TokenDelta(index, List.of(token), text, List.of());
    }
    List<TokenLogprob.Alternative> top =
        IntStream.range(0, request.sampling().topLogprobs().getAsInt())
            .mapToObj(
                rank ->
                    rank == 0
                        ? new TokenLogprob.Alternative(token, tokenText, FAKE_LOGPROB)
                        : new TokenLogprob.Alternative(rank, "word" + rank, FAKE_LOGPROB - rank))
            .toList();
    TokenLogprob logprob = new TokenLogprob(token, tokenText, FAKE_LOGPROB, top);
    logprobs.add(logprob);
    return new TokenDelta(index, List.of(token), text, List.of(logprob));
  }

  /**
   * @throws java.util.NoSuchElementException before the end
   */
  GenerationResult.Sample result() {
    return new GenerationResult.Sample(
        answer.toString(),
        reasoning.toString(),
        finishReason.orElseThrow(),
        reasoningTokens,
        tokens,
        logprobs,
        finishReason.get() == FinishReason.TOOL_CALLS ? toolCalls : List.of());
  }

  private static int tokenOf(TextSegment segment) {
    return 3 + (segment.text().hashCode() >>> 8);
  }
}
