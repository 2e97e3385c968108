package ai.falaj.benchmarks.soak;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenDelta;
import java.util.EnumSet;
import java.util.Set;

/**
 * Holds the runtime to the order of its calls and to the outcome that is right for a request.
 * Called by the runtime's thread; throws where the request says so, after it has taken note.
 */
final class SoakListener implements GenerationListener {

  private final SoakRequest request;
  private final Set<RuntimeErrorCode> ownFailures;
  private final SoakLedger ledger;
  private final Runnable onEnd;
  private long toldTokens;
  private boolean started;
  private volatile boolean ended;

  /**
   * @param ownFailures codes that are right whatever the request: the runtime is closed, faults are
   *     injected
   * @param onEnd told once, when the request has ended
   */
  SoakListener(
      SoakRequest request, Set<RuntimeErrorCode> ownFailures, SoakLedger ledger, Runnable onEnd) {
    this.request = request;
    this.ownFailures = ownFailures;
    this.ledger = ledger;
    this.onEnd = onEnd;
  }

  boolean hasEnded() {
    return ended;
  }

  @Override
  public void onStarted() {
    if (started || ended) {
      violation("was started twice or after its end");
    }
    started = true;
    maybeThrow();
  }

  @Override
  public void onTokens(TokenDelta delta) {
    if (!started || ended) {
      violation("had tokens before its start or after its end");
    }
    if (delta.sample() < 0 || delta.sample() >= request.generation().samples()) {
      violation("had tokens of sample " + delta.sample());
    }
    toldTokens += delta.tokens().size();
    maybeThrow();
  }

  @Override
  public void onFinished(GenerationResult result) {
    end();
    if (request.mustFail()) {
      violation("has a result, but had to fail with " + request.failures());
    }
    if (result.samples().size() != request.generation().samples()) {
      violation("has " + result.samples().size() + " samples");
    }
    if (result.usage().completionTokens() != toldTokens) {
      violation(
          "has %d tokens, but %d were told"
              .formatted(result.usage().completionTokens(), toldTokens));
    }
    if (result.finishReason() == FinishReason.CANCELLED && request.cancelAfterMs().isEmpty()) {
      violation("was cancelled, but nobody asked for it");
    }
    ledger.finished(result.finishReason(), result.usage().completionTokens());
    onEnd.run();
    maybeThrow();
  }

  @Override
  public void onFailed(GenerationException failure) {
    end();
    Set<RuntimeErrorCode> right = EnumSet.noneOf(RuntimeErrorCode.class);
    right.addAll(request.failures());
    right.addAll(ownFailures);
    if (!right.contains(failure.code())) {
      violation("failed with " + failure.code() + ": " + failure.getMessage());
    }
    ledger.failed(failure.code());
    onEnd.run();
    maybeThrow();
  }

  private void end() {
    if (ended) {
      violation("ended twice");
    }
    ended = true;
  }

  private void violation(String what) {
    ledger.violation(request.generation().requestId() + " " + what);
  }

  private void maybeThrow() {
    if (request.listenerThrows()) {
      throw new InjectedFault();
    }
  }

  /** What a careless listener might throw; without a trace, since there are thousands. */
  private static final class InjectedFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InjectedFault() {
      super("a listener that throws on purpose", null, false, false);
    }
  }
}
