package ai.falaj.benchmarks.paced;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.List;

/** One request in a {@link PacedRuntime}. Confined to its thread, but for {@link #cancel()}. */
final class PacedGeneration implements GenerationHandle {

  /** Every token of an engine without stamps. */
  private static final TokenDelta WORD = delta("word ");

  private final PacedSpec spec;
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final int maxTokens;
  private final long submittedAtMs;
  private final StringBuilder answer = new StringBuilder();
  private volatile boolean cancelled;
  private long startedAtMs;
  private long firstTokenAtMs;
  private int tokens;

  PacedGeneration(PacedSpec spec, GenerationRequest request, GenerationListener listener) {
    this.spec = spec;
    this.request = request;
    this.listener = listener;
    this.maxTokens =
        Math.min(request.sampling().maxTokens().orElse(spec.contextTokens()), spec.contextTokens());
    this.submittedAtMs = System.currentTimeMillis();
  }

  @Override
  public String requestId() {
    return request.requestId();
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  /** Given ones included. */
  int tokens() {
    return tokens;
  }

  /** Says that it runs, and tells again what an interrupted generation had made. */
  void start() {
    startedAtMs = System.currentTimeMillis();
    firstTokenAtMs = startedAtMs;
    listener.onStarted();
    int given = request.resumption().map(Resumption::tokens).orElse(0);
    for (int i = 0; i < given; i++) {
      tell();
    }
  }

  /**
   * Tells one more token.
   *
   * @return whether that was the end
   */
  boolean step() {
    if (cancelled) {
      listener.onFinished(result(FinishReason.CANCELLED));
      return true;
    }
    if (tokens < maxTokens) {
      tell();
    }
    if (tokens < maxTokens) {
      return false;
    }
    listener.onFinished(result(spec.complete() ? FinishReason.STOP : FinishReason.LENGTH));
    return true;
  }

  void close() {
    listener.onFailed(
        new GenerationException(
            requestId(), RuntimeErrorCode.RUNTIME_CLOSED, "the runtime was closed before the end"));
  }

  private void tell() {
    if (tokens == 0) {
      firstTokenAtMs = System.currentTimeMillis();
    }
    TokenDelta delta = spec.stamped() ? delta(Stamps.text(Stamps.nowMicros())) : WORD;
    tokens++;
    answer.append(delta.text().get(0).text());
    listener.onTokens(delta);
  }

  private GenerationResult result(FinishReason reason) {
    long nowMs = System.currentTimeMillis();
    return new GenerationResult(
        answer.toString(),
        "",
        reason,
        new GenerationResult.Usage(1, 0, 0, tokens),
        new GenerationResult.Timings(
            startedAtMs - submittedAtMs, firstTokenAtMs - submittedAtMs, nowMs - submittedAtMs),
        request.sampling().seed().orElse(0),
        maxTokens);
  }

  private static TokenDelta delta(String text) {
    return new TokenDelta(List.of(1), List.of(new TextSegment(Channel.ANSWER, text)));
  }
}
