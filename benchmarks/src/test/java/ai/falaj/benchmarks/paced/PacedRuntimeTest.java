package ai.falaj.benchmarks.paced;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class PacedRuntimeTest {

  @Test
  void writesAsManyTokensAsAreAllowedOnePerStep() {
    try (PacedRuntime runtime = PacedSpec.paced("paced", 4, 100, 50).open()) {
      long startNanos = System.nanoTime();
      Answer first = submit(runtime, request("a", 10));
      Answer second = submit(runtime, request("b", 5));

      assertThat(first.end.join().samples().get(0).completionTokens()).isEqualTo(10);
      assertThat(second.end.join().finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(first.deltas).hasSize(10);
      assertThat(System.nanoTime() - startNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(180));
    }
  }

  @Test
  void answersAtOnceWithoutAPace() {
    try (PacedRuntime runtime = PacedSpec.instant("instant", 2, 100).open()) {
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        answers.add(submit(runtime, request("r" + i, 1)));
      }

      assertThat(answers).allSatisfy(answer -> assertThat(answer.end.join().answer()).isNotEmpty());
    }
  }

  @Test
  void stampsTokensWithTheTimeAtWhichItTellsThem() {
    try (PacedRuntime runtime = PacedSpec.instant("stamped", 1, 100).withStamps().open()) {
      long before = Stamps.nowMicros();
      List<Long> stamps = Stamps.of(submit(runtime, request("a", 3)).end.join().answer());

      assertThat(stamps).hasSize(3).isSorted();
      assertThat(stamps.get(0)).isBetween(before, Stamps.nowMicros());
    }
  }

  @Test
  void goesOnWhereAGenerationWasInterrupted() {
    try (PacedRuntime runtime = PacedSpec.instant("resumed", 1, 100).open()) {
      GenerationRequest request =
          request("a", 5)
              .resumed(new Resumption(Optional.empty(), List.of(Resumption.Sample.of(1, 1, 1))));
      Answer answer = submit(runtime, request);

      assertThat(answer.end.join().samples().get(0).completionTokens()).isEqualTo(5);
      assertThat(answer.deltas).hasSize(5);
    }
  }

  @Test
  void cancelsAndFailsWhatIsLeftAtTheClose() {
    Answer cancelled;
    Answer running;
    Answer waiting;
    PacedRuntime runtime = PacedSpec.paced("closing", 2, 1_000_000, 100).open();
    try (runtime) {
      cancelled = submit(runtime, request("cancelled", 1_000_000));
      running = submit(runtime, request("running", 1_000_000));
      waiting = submit(runtime, request("waiting", 1_000_000));
      cancelled.handle.cancel();
      assertThat(cancelled.end.join().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    assertThat(running.end).isCompletedExceptionally();
    assertThat(waiting.end).isCompletedExceptionally();
    assertThatExceptionOfType(GenerationException.class)
        .isThrownBy(() -> runtime.submit(request("late", 1), new Answer()))
        .matches(refused -> refused.code() == RuntimeErrorCode.RUNTIME_CLOSED);
  }

  private static GenerationRequest request(String id, int maxTokens) {
    return GenerationRequest.of(
        id,
        new Prompt.Raw("prompt"),
        SamplingParameters.builder().maxTokens(maxTokens).seed(1).build());
  }

  private static Answer submit(PacedRuntime runtime, GenerationRequest request) {
    Answer answer = new Answer();
    try {
      answer.handle = runtime.submit(request, answer);
    } catch (GenerationException refused) {
      throw new AssertionError(refused);
    }
    return answer;
  }

  private static final class Answer implements GenerationListener {
    final CompletableFuture<GenerationResult> end = new CompletableFuture<>();
    final List<TokenDelta> deltas = new ArrayList<>();
    GenerationHandle handle;

    @Override
    public void onTokens(TokenDelta delta) {
      deltas.add(delta);
    }

    @Override
    public void onFinished(GenerationResult result) {
      end.complete(result);
    }

    @Override
    public void onFailed(GenerationException failure) {
      end.completeExceptionally(failure);
    }
  }
}
