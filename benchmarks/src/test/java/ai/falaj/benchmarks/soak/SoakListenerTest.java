package ai.falaj.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenDelta;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SoakListenerTest {

  private final GenerationRequest generation =
      GenerationRequest.builder("r", new Prompt.Raw("x")).build();
  private final SoakLedger ledger = new SoakLedger();
  private final AtomicInteger ends = new AtomicInteger();

  @Test
  void countsAnOrdinaryEnd() {
    SoakListener listener = listener(SoakRequest.plain(generation));
    listener.onStarted();
    listener.onTokens(new TokenDelta(List.of(1, 2), List.of()));
    listener.onFinished(result(FinishReason.STOP, 2));

    assertThat(ledger.totals().violations()).isZero();
    assertThat(ledger.totals().finished()).containsEntry(FinishReason.STOP, 1L);
    assertThat(ledger.totals().tokens()).isEqualTo(2);
    assertThat(ends).hasValue(1);
  }

  @Test
  void findsASecondEndAndTokensAfterIt() {
    SoakListener listener = listener(SoakRequest.plain(generation));
    listener.onStarted();
    listener.onFinished(result(FinishReason.STOP, 0));
    listener.onTokens(new TokenDelta(List.of(1), List.of()));
    listener.onFailed(failure(RuntimeErrorCode.RUNTIME_CLOSED));

    assertThat(ledger.totals().firstViolations())
        .containsExactly("r had tokens before its start or after its end", "r ended twice");
  }

  @Test
  void findsTokensThatWereNotTold() {
    SoakListener listener = listener(SoakRequest.plain(generation));
    listener.onStarted();
    listener.onFinished(result(FinishReason.STOP, 3));
    assertThat(ledger.totals().firstViolations())
        .containsExactly("r has 3 tokens, but 0 were told");
  }

  @Test
  void findsACancellationThatNobodyAskedFor() {
    SoakListener listener = listener(SoakRequest.plain(generation));
    listener.onFinished(result(FinishReason.CANCELLED, 0));
    assertThat(ledger.totals().violations()).isEqualTo(1);

    listener(SoakRequest.cancelled(generation, 5)).onFinished(result(FinishReason.CANCELLED, 0));
    assertThat(ledger.totals().violations()).isEqualTo(1);
  }

  @Test
  void knowsWhichFailuresAreRight() {
    listener(SoakRequest.mustFail(generation, RuntimeErrorCode.UNKNOWN_MODEL))
        .onFailed(failure(RuntimeErrorCode.UNKNOWN_MODEL));
    listener(SoakRequest.plain(generation)).onFailed(failure(RuntimeErrorCode.RUNTIME_CLOSED));
    assertThat(ledger.totals().violations()).isZero();

    listener(SoakRequest.plain(generation)).onFailed(failure(RuntimeErrorCode.ENGINE_FAILURE));
    listener(SoakRequest.mustFail(generation, RuntimeErrorCode.UNKNOWN_MODEL))
        .onFinished(result(FinishReason.STOP, 0));
    assertThat(ledger.totals().violations()).isEqualTo(2);
  }

  @Test
  void throwsOnlyAfterItHasTakenNote() {
    SoakListener listener = listener(SoakRequest.withThrowingListener(generation));
    assertThatThrownBy(listener::onStarted).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> listener.onFinished(result(FinishReason.STOP, 0)))
        .isInstanceOf(RuntimeException.class);
    assertThat(ends).hasValue(1);
    assertThat(ledger.totals().ended()).isEqualTo(1);
    assertThat(ledger.totals().violations()).isZero();
  }

  private SoakListener listener(SoakRequest request) {
    return new SoakListener(
        request, Set.of(RuntimeErrorCode.RUNTIME_CLOSED), ledger, ends::incrementAndGet);
  }

  private static GenerationException failure(RuntimeErrorCode code) {
    return new GenerationException("r", code, "why");
  }

  private static GenerationResult result(FinishReason reason, int tokens) {
    return new GenerationResult(
        "",
        "",
        reason,
        new GenerationResult.Usage(1, 0, 0, tokens),
        new GenerationResult.Timings(0, 0, 0),
        1,
        8);
  }
}
