package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Timings;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.llamacpp.PromptEncoder.Encoded;
import ai.falaj.runtime.llamacpp.ffi.TokenSampler;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import ai.falaj.runtime.text.CompletionText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way through the engine: its tokens, its text, its listener.
 *
 * <p>Created by the submitting thread, then confined to the decode thread. {@link #prepare} comes
 * before anything else; one of {@link #finish} and {@link #fail} ends it, once.
 */
final class Generation {

  private static final Logger LOG = LoggerFactory.getLogger(Generation.class);
  private static final long NANOS_PER_MS = 1_000_000;

  private final long id;
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final long submittedNanos;

  private int[] tokens;
  private int promptTokens;
  private int tokenCount;
  private int maxTokens;
  private long seed;
  private TokenSampler sampler;
  private CompletionText text;
  private long startedNanos;
  private long firstTokenNanos;
  private boolean ended;
  private boolean listenerFailed;

  Generation(long id, GenerationRequest request, GenerationListener listener, long submittedNanos) {
    this.id = id;
    this.request = request;
    this.listener = listener;
    this.submittedNanos = submittedNanos;
  }

  long id() {
    return id;
  }

  GenerationRequest request() {
    return request;
  }

  int promptTokens() {
    return promptTokens;
  }

  /**
   * Gives the generation what it needs to run.
   *
   * @param contextTokens what its slot holds; more than the prompt has
   * @param drawnSeed used where the request names none
   */
  void prepare(Encoded prompt, int contextTokens, long drawnSeed, Vocabulary vocabulary) {
    promptTokens = prompt.tokens().length;
    tokenCount = promptTokens;
    tokens = prompt.tokens();
    int room = contextTokens - promptTokens;
    maxTokens = Math.min(room, request.sampling().maxTokens().orElse(room));
    seed = request.sampling().seed().orElse(drawnSeed);
    sampler = TokenSampler.of(request.sampling(), seed, vocabulary);
    text = new CompletionText(request.sampling().stop(), prompt.insideReasoning());
  }

  /** Token of the prompt or of the completion. */
  int token(int position) {
    if (position >= tokenCount) {
      throw new IllegalStateException(
          "generation " + id + " has " + tokenCount + " tokens, none at " + position);
    }
    return tokens[position];
  }

  TokenSampler sampler() {
    return sampler;
  }

  void start(long nowNanos) {
    startedNanos = nowNanos;
    tell(listener::onStarted);
  }

  /**
   * Takes the next token and tells the listener.
   *
   * @return why the generation ends with it, or nothing if it goes on
   */
  Optional<FinishReason> accept(int token, Vocabulary vocabulary, long nowNanos) {
    if (tokenCount == promptTokens) {
      firstTokenNanos = nowNanos;
    }
    append(token);
    List<TextSegment> segments = text.append(vocabulary.piece(token));
    Optional<FinishReason> reason = finishReason(token, vocabulary);
    if (reason.isPresent()) {
      List<TextSegment> all = new ArrayList<>(segments);
      all.addAll(text.finish());
      segments = all;
    }
    TokenDelta delta = new TokenDelta(List.of(token), segments);
    tell(() -> listener.onTokens(delta));
    return reason;
  }

  /** Ends the generation with a result. Text that was held back is released first. */
  void finish(FinishReason reason, long nowNanos) {
    end();
    if (text != null) {
      List<TextSegment> rest = text.finish();
      if (!rest.isEmpty()) {
        tell(() -> listener.onTokens(new TokenDelta(List.of(), rest)));
      }
    }
    GenerationResult result = result(reason, nowNanos);
    tell(() -> listener.onFinished(result));
  }

  /** Ends the generation without a result. */
  void fail(GenerationException failure) {
    end();
    tell(() -> listener.onFailed(failure));
  }

  private Optional<FinishReason> finishReason(int token, Vocabulary vocabulary) {
    if (!request.ignoreEndOfSequence() && vocabulary.isEndOfGeneration(token) || text.stopped()) {
      return Optional.of(FinishReason.STOP);
    }
    return completionTokens() == maxTokens ? Optional.of(FinishReason.LENGTH) : Optional.empty();
  }

  private GenerationResult result(FinishReason reason, long nowNanos) {
    long totalMs = millisSinceSubmission(nowNanos);
    Usage usage = new Usage(promptTokens, 0, text.reasoningTokens(), completionTokens());
    Timings timings =
        new Timings(
            startedNanos == 0 ? totalMs : millisSinceSubmission(startedNanos),
            firstTokenNanos == 0 ? totalMs : millisSinceSubmission(firstTokenNanos),
            totalMs);
    return new GenerationResult(
        text.answer(), text.reasoning(), reason, usage, timings, seed, maxTokens);
  }

  private int completionTokens() {
    return tokenCount - promptTokens;
  }

  private void append(int token) {
    if (tokenCount == tokens.length) {
      tokens =
          Arrays.copyOf(
              tokens,
              Math.min(promptTokens + maxTokens, tokens.length + Math.max(64, tokens.length / 2)));
    }
    tokens[tokenCount++] = token;
  }

  private long millisSinceSubmission(long nanos) {
    return (nanos - submittedNanos) / NANOS_PER_MS;
  }

  private void end() {
    if (ended) {
      throw new IllegalStateException(
          "generation " + id + " of request " + request.requestId() + " ended twice");
    }
    ended = true;
    if (sampler != null) {
      sampler.close();
    }
  }

  /**
   * A listener that throws is its own loss: other requests share the thread. Said once, not once
   * per token.
   */
  private void tell(Runnable call) {
    try {
      call.run();
    } catch (Exception | LinkageError | AssertionError e) {
      // A LinkageError comes from a listener whose job is gone, and its class loader with it.
      if (!listenerFailed) {
        listenerFailed = true;
        LOG.error("The listener of request {} failed; it misses tokens", request.requestId(), e);
      }
    }
  }
}
