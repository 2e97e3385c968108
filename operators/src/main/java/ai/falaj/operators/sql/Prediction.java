package ai.falaj.operators.sql;

import ai.falaj.operators.ErrorPolicy;
import ai.falaj.operators.fields.OutputErrorCode;
import ai.falaj.operators.fields.ParsedOutput;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.TokenDelta;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.table.data.RowData;

/**
 * The life of one row: GENERATING, then ENDED, with WAITING before another attempt. What follows
 * from a failure is {@link ErrorPolicy}'s to say; an answer that does not fit the columns is asked
 * for again a bounded number of times. Confined to the predictor's thread.
 */
final class Prediction {

  private final Predictor predictor;
  private final CompletableFuture<Collection<RowData>> rows;
  private final ScheduledFuture<?> timeout;

  private GenerationRequest request;
  private GenerationHandle handleOrNull;
  private int failures;
  private int overloads;
  private int invalidOutputs;
  private boolean ended;

  Prediction(
      Predictor predictor, GenerationRequest request, CompletableFuture<Collection<RowData>> rows) {
    this.predictor = predictor;
    this.request = request;
    this.rows = rows;
    Duration limit = predictor.settings().requestTimeout();
    timeout = predictor.schedule(() -> timedOut(limit), limit.toMillis());
  }

  void start() {
    predictor.began(this);
    submit();
  }

  /** Ends without an answer. */
  void cancel() {
    end();
    if (handleOrNull != null) {
      handleOrNull.cancel();
    }
  }

  private void submit() {
    if (ended) {
      return;
    }
    try {
      handleOrNull = predictor.runtime().submit(request, new Listener());
    } catch (GenerationException refusal) {
      failed(refusal);
    }
  }

  private void finished(GenerationResult result) {
    if (ended) {
      return;
    }
    predictor.metrics().generated(result.usage());
    if (result.finishReason() == FinishReason.CANCELLED) {
      failJob(new IllegalStateException("a generation was cancelled that nobody cancelled"));
      return;
    }
    boolean cut = result.finishReason() == FinishReason.LENGTH;
    if (cut && result.answer().isBlank()) {
      fail(
          new PredictionFailure(
              OutputErrorCode.TRUNCATED.name(),
              "the answer was cut before it began, after %d tokens; raise max-tokens or max-context-size"
                  .formatted(result.usage().completionTokens())));
      return;
    }
    ParsedOutput output = predictor.outputs().schema().parse(result.answer());
    if (output instanceof ParsedOutput.Values values) {
      predictor.metrics().predicted();
      end();
      rows.complete(List.of(predictor.outputs().row(values.values())));
    } else {
      invalid(result.answer(), (ParsedOutput.Invalid) output);
    }
  }

  private void invalid(String answer, ParsedOutput.Invalid problem) {
    predictor.metrics().invalidOutput();
    invalidOutputs++;
    if (invalidOutputs <= predictor.settings().invalidOutputRetries()) {
      Optional<GenerationRequest> again = ModelRequests.again(request, answer, problem);
      if (again.isPresent()) {
        request = again.get();
        submit();
        return;
      }
    }
    fail(new PredictionFailure(problem.code().name(), problem.message()));
  }

  private void failed(GenerationException failure) {
    if (ended) {
      return;
    }
    switch (ErrorPolicy.of(failure.code()).action()) {
      case RETRY -> {
        failures++;
        if (predictor.settings().retryPolicy().allowsAfter(failures)) {
          predictor.metrics().retried();
          submitAfter(failures, failure);
        } else {
          fail(
              new PredictionFailure(
                  PredictionFailure.RETRIES_EXHAUSTED,
                  "%d generations failed, the last with %s: %s"
                      .formatted(failures, failure.code(), failure.getMessage())));
        }
      }
      case WAIT -> {
        overloads++;
        submitAfter(overloads, failure);
      }
      case START_OVER -> submit();
      case DEAD_LETTER -> fail(new PredictionFailure(failure.code().name(), failure.getMessage()));
      case FAIL_JOB -> failJob(failure);
    }
  }

  /** As the policy says, and no sooner than the engine asks for. */
  private void submitAfter(int times, GenerationException failure) {
    long backoffMs =
        predictor.settings().retryPolicy().backoffMs(times, ThreadLocalRandom.current());
    long askedMs = failure.retryAfter().map(Duration::toMillis).orElse(0L);
    predictor.schedule(this::submit, Math.max(backoffMs, askedMs));
  }

  private void timedOut(Duration limit) {
    if (ended) {
      return;
    }
    if (handleOrNull != null) {
      handleOrNull.cancel();
    }
    fail(
        new PredictionFailure(
            PredictionFailure.TIMEOUT,
            "no answer after %s; allow more time or ask for fewer tokens".formatted(limit)));
  }

  private void fail(PredictionFailure failure) {
    end();
    predictor.fail(rows, failure);
  }

  private void failJob(Exception failure) {
    end();
    rows.completeExceptionally(failure);
  }

  private void end() {
    ended = true;
    timeout.cancel(false);
    predictor.ended(this);
  }

  /** On the runtime's thread: hands over and returns. */
  private final class Listener implements GenerationListener {
    @Override
    public void onTokens(TokenDelta delta) {}

    @Override
    public void onFinished(GenerationResult result) {
      predictor.execute(() -> finished(result));
    }

    @Override
    public void onFailed(GenerationException failure) {
      predictor.execute(() -> failed(failure));
    }
  }
}
