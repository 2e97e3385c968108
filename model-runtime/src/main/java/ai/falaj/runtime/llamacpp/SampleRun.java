package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationResult.Sample;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import ai.falaj.runtime.llamacpp.sampling.Chosen;
import ai.falaj.runtime.llamacpp.sampling.SequenceSampler;
import ai.falaj.runtime.text.CompletionText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One sample of a {@link Generation}: its sequence of tokens, its sampler, its text. Confined to
 * the decode thread.
 *
 * <p>A sample that goes on where an interrupted one ended takes the given tokens with {@link
 * #resume} before anything else. They are told with {@link #retell} once the generation has
 * started; until then their text is held.
 */
final class SampleRun implements AutoCloseable {

  private static final int[] NO_DRAFTS = {};

  private final long sequenceId;
  private final int index;
  private final Generation generation;
  private final int promptTokens;
  private final int maxTokens;
  private final SequenceSampler sampler;
  private final CompletionText text;
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private int[] tokens;
  private int tokenCount;
  private int[] drafts = NO_DRAFTS;
  private FinishReason finishReason;

  /** What was made before and is still to be told. */
  private List<TokenDelta> given = new ArrayList<>();

  /**
   * @param sequenceId unique in the runtime
   * @param index of the sample in its generation
   * @param prompt tokens of the prompt
   * @param maxTokens most completion tokens
   */
  SampleRun(
      long sequenceId,
      int index,
      Generation generation,
      int[] prompt,
      int maxTokens,
      SequenceSampler sampler,
      CompletionText text) {
    this.sequenceId = sequenceId;
    this.index = index;
    this.generation = generation;
    this.promptTokens = prompt.length;
    this.maxTokens = maxTokens;
    this.sampler = sampler;
    this.text = text;
    this.tokens = prompt;
    this.tokenCount = prompt.length;
  }

  long sequenceId() {
    return sequenceId;
  }

  Generation generation() {
    return generation;
  }

  /** Token of the prompt or of the completion. */
  int token(int position) {
    if (position >= tokenCount) {
      throw new IllegalStateException(
          "sequence " + sequenceId + " has " + tokenCount + " tokens, none at " + position);
    }
    return tokens[position];
  }

  /** Prompt and completion so far. */
  int tokenCount() {
    return tokenCount;
  }

  int completionTokens() {
    return tokenCount - promptTokens;
  }

  /** Prompt and completion so far; must not be changed. */
  int[] tokensSoFar() {
    return tokenCount == tokens.length ? tokens : Arrays.copyOf(tokens, tokenCount);
  }

  /** Tokens that may still be generated. */
  int tokensLeft() {
    return maxTokens - completionTokens();
  }

  /** The {@code n}th guess for the tokens that follow. */
  int draft(int guess) {
    return drafts[guess];
  }

  int draftCount() {
    return drafts.length;
  }

  void offer(int[] newDrafts) {
    drafts = newDrafts;
  }

  /**
   * Chooses the next token and tells the generation's listener.
   *
   * @return whether the sample is complete with it
   * @throws IllegalStateException if no token can be chosen from these logits
   */
  boolean next(float[] logits, TokenTable vocabulary, long nowNanos) {
    Chosen chosen = sampler.choose(logits);
    generation.deliver(take(chosen.token(), chosen.logprob(), vocabulary), nowNanos);
    return isFinished();
  }

  /**
   * Whether this token may have come next.
   *
   * @param token of the vocabulary
   */
  boolean allows(int token) {
    return sampler.allows(token);
  }

  /**
   * Takes a token that an interrupted generation had chosen. The sample may be complete with it.
   *
   * @throws IllegalStateException if the token is not allowed
   */
  void resume(int token, Optional<TokenLogprob> logprob, TokenTable vocabulary) {
    sampler.accept(token);
    given.add(take(token, logprob, vocabulary));
  }

  /** Tells the generation's listener what {@link #resume} took. */
  void retell(long nowNanos) {
    List<TokenDelta> deltas = given;
    given = List.of();
    deltas.forEach(delta -> generation.deliver(delta, nowNanos));
  }

  private TokenDelta take(int token, Optional<TokenLogprob> logprob, TokenTable vocabulary) {
    append(token);
    List<TextSegment> segments = text.append(vocabulary.piece(token));
    Optional<FinishReason> reason = finishReason(token, vocabulary);
    if (reason.isPresent()) {
      finishReason = reason.get();
      List<TextSegment> all = new ArrayList<>(segments);
      all.addAll(text.finish());
      segments = all;
      if (finishReason == FinishReason.STOP && !text.toolCalls().isEmpty()) {
        finishReason = FinishReason.TOOL_CALLS;
      }
    }
    logprob.ifPresent(logprobs::add);
    return new TokenDelta(index, List.of(token), segments, logprob.map(List::of).orElse(List.of()));
  }

  /** The newest token. */
  int lastToken() {
    return tokens[tokenCount - 1];
  }

  /** Ends the sample before it is complete. Text that was held back is released. */
  void cut(FinishReason reason, long nowNanos) {
    finishReason = reason;
    List<TextSegment> rest = text.finish();
    if (!rest.isEmpty()) {
      generation.deliver(new TokenDelta(index, List.of(), rest, List.of()), nowNanos);
    }
  }

  boolean isFinished() {
    return finishReason != null;
  }

  /** Whether it ended by itself or at its length. */
  boolean isWhole() {
    return finishReason == FinishReason.STOP
        || finishReason == FinishReason.TOOL_CALLS
        || finishReason == FinishReason.LENGTH;
  }

  /** The sample; only once it is finished. */
  Sample result() {
    return new Sample(
        text.answer(),
        text.reasoning(),
        finishReason,
        text.reasoningTokens(),
        completionTokens(),
        logprobs,
        finishReason == FinishReason.TOOL_CALLS ? text.toolCalls() : List.of());
  }

  @Override
  public void close() {
    sampler.close();
  }

  private Optional<FinishReason> finishReason(int token, TokenTable vocabulary) {
    boolean endOfTurn =
        !generation.request().ignoreEndOfSequence() && vocabulary.isEndOfGeneration(token);
    if (endOfTurn || text.stopped()) {
      return Optional.of(FinishReason.STOP);
    }
    return tokensLeft() == 0 ? Optional.of(FinishReason.LENGTH) : Optional.empty();
  }

  private void append(int token) {
    if (tokenCount == tokens.length) {
      int grown = tokens.length + Math.max(64, tokens.length / 2);
      tokens = Arrays.copyOf(tokens, Math.min(promptTokens + maxTokens, grown));
    }
    tokens[tokenCount++] = token;
  }
}
