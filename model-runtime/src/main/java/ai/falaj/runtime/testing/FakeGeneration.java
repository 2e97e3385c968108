package ai.falaj.runtime.testing;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request in a {@link FakeRuntime}. Confined to whoever steps the runtime, but for {@link
 * #cancel()}, {@link #isHanging()} and {@link #ended()}.
 */
final class FakeGeneration implements GenerationHandle {

  private static final Logger LOG = LoggerFactory.getLogger(FakeGeneration.class);

  private final FakeRuntimeSpec spec;
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final LongSupplier clockMs;
  private final Runnable onCancel;
  private final Optional<InjectedFailure> injected;
  private final boolean hangs;
  private final long submittedAtMs;
  private final int promptTokens;
  private final List<FakeSample> samples;
  private final Optional<String> unfitResumption;

  private volatile boolean cancelled;
  private int granted;
  private boolean started;
  private boolean promptCounted;
  private volatile boolean ended;
  private boolean hasResult;
  private long startedAtMs;
  private long firstTokenAtMs;

  FakeGeneration(
      FakeRuntimeSpec spec,
      GenerationRequest request,
      int submission,
      GenerationListener listener,
      LongSupplier clockMs,
      Runnable onCancel) {
    this.spec = spec;
    this.request = request;
    this.listener = listener;
    this.clockMs = clockMs;
    this.onCancel = onCancel;
    this.injected =
        spec.failures().stream()
            .filter(failure -> failure.concerns(request.requestId(), submission))
            .findFirst();
    this.hangs = spec.hangingRequestIds().contains(request.requestId());
    this.submittedAtMs = clockMs.getAsLong();
    this.promptTokens = FakeScript.promptTokens(request);
    this.samples =
        IntStream.range(0, request.samples())
            .mapToObj(index -> new FakeSample(request, index, spec.reasoning(), maxTokens()))
            .toList();
    this.unfitResumption = request.resumption().flatMap(this::resume);
  }

  /** Returns why the samples cannot go on from there. */
  private Optional<String> resume(Resumption resumption) {
    Optional<String> maker = resumption.modelSha256();
    if (maker.isPresent() && !maker.get().equals(FakeRuntime.SHA256)) {
      return Optional.of("the tokens are of the model with sha256 " + maker.get());
    }
    return IntStream.range(0, samples.size())
        .mapToObj(index -> samples.get(index).resume(resumption.samples().get(index)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  @Override
  public String requestId() {
    return request.requestId();
  }

  @Override
  public void cancel() {
    cancelled = true;
    onCancel.run();
  }

  boolean isHanging() {
    return hangs && !cancelled;
  }

  int priority() {
    return request.priority();
  }

  /** Samples that have not ended; each takes a sequence as soon as one is free. */
  int unfinished() {
    return (int) samples.stream().filter(sample -> !sample.ended()).count();
  }

  /**
   * Says how many of its samples may write in the next step.
   *
   * @return how many sequences it takes of them
   */
  int grant(int sequences) {
    granted = Math.min(sequences, unfinished());
    return granted;
  }

  /** Of all samples. */
  int tokens() {
    return samples.stream().mapToInt(FakeSample::tokens).sum();
  }

  /** Those of them that an interrupted generation had made. */
  int givenTokens() {
    return samples.stream().mapToInt(FakeSample::givenTokens).sum();
  }

  boolean isStarted() {
    return started;
  }

  boolean ended() {
    return ended;
  }

  boolean hasResult() {
    return hasResult;
  }

  /** The prompt's tokens the first time this is called after the start, then 0. */
  int promptTokensOfFirstStep() {
    if (!started || promptCounted) {
      return 0;
    }
    promptCounted = true;
    return promptTokens;
  }

  /** Whether this request needs no sequence, because it is refused or over already. */
  boolean endsBeforeStart() {
    return cancelled || deadlinePassed() || unfinished() == 0 || refusal().isPresent();
  }

  /** Generates one token of each sample that has a sequence, or ends. */
  void step() {
    if (!started) {
      Optional<GenerationException> refusal = refusal();
      if (refusal.isPresent()) {
        fail(refusal.get());
        return;
      }
      if (cancelled && givenTokens() == 0) {
        finish(FinishReason.CANCELLED);
        return;
      }
      if (deadlinePassed() && givenTokens() == 0) {
        fail(RuntimeErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the first token");
        return;
      }
      started = true;
      startedAtMs = clockMs.getAsLong();
      tell(listener::onStarted);
      retell();
    }
    if (unfinished() == 0) {
      tellResult();
    } else if (cancelled) {
      finish(FinishReason.CANCELLED);
    } else if (deadlinePassed()) {
      if (tokens() == 0) {
        fail(RuntimeErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the first token");
      } else {
        finish(FinishReason.DEADLINE);
      }
    } else if (injected.isPresent() && longest() >= injected.get().afterTokens()) {
      fail(injected.get().code(), "failure injected by the test");
    } else if (!hangs) {
      generate();
    }
  }

  void fail(RuntimeErrorCode code, String message) {
    fail(new GenerationException(request.requestId(), code, message));
  }

  private void fail(GenerationException failure) {
    ended = true;
    tell(() -> listener.onFailed(failure));
  }

  private int longest() {
    return samples.stream().mapToInt(FakeSample::tokens).max().orElseThrow();
  }

  private void retell() {
    if (givenTokens() > 0) {
      firstTokenAtMs = startedAtMs;
    }
    for (FakeSample sample : samples) {
      sample.takeGiven().forEach(delta -> tell(() -> listener.onTokens(delta)));
    }
  }

  private void generate() {
    if (longest() == 0) {
      firstTokenAtMs = clockMs.getAsLong();
    }
    samples.stream()
        .filter(sample -> !sample.ended())
        .limit(granted)
        .map(FakeSample::generate)
        .forEach(delta -> tell(() -> listener.onTokens(delta)));
    if (samples.stream().allMatch(FakeSample::ended)) {
      tellResult();
    }
  }

  /** Ends the samples that have not ended by themselves. */
  private void finish(FinishReason reason) {
    samples.forEach(sample -> sample.end(reason));
    tellResult();
  }

  private void tellResult() {
    ended = true;
    hasResult = true;
    long totalMs = clockMs.getAsLong() - submittedAtMs;
    GenerationResult result =
        new GenerationResult(
            samples.stream().map(FakeSample::result).toList(),
            new GenerationResult.Usage(
                started ? promptTokens : 0,
                0,
                samples.stream().mapToInt(FakeSample::reasoningTokens).sum(),
                tokens()),
            new GenerationResult.Timings(
                started ? startedAtMs - submittedAtMs : totalMs,
                tokens() > 0 ? firstTokenAtMs - submittedAtMs : totalMs,
                totalMs),
            request.sampling().seed().orElse(Integer.toUnsignedLong(requestId().hashCode()) >>> 1),
            maxTokens());
    tell(() -> listener.onFinished(result));
  }

  private Optional<GenerationException> refusal() {
    if (request.model().isPresent() && !request.model().get().equals(spec.model())) {
      return refuse(
          RuntimeErrorCode.UNKNOWN_MODEL,
          "model " + request.model().get() + " is not loaded; this runtime has " + spec.model());
    }
    if (promptTokens == 0) {
      return refuse(RuntimeErrorCode.EMPTY_PROMPT, "no message has content; add one");
    }
    if (promptTokens >= spec.contextTokens()) {
      return refuse(
          RuntimeErrorCode.PROMPT_TOO_LONG,
          "the prompt has %d tokens and the context holds %d; shorten the prompt"
              .formatted(promptTokens, spec.contextTokens()));
    }
    if (request.adapter().isPresent() && !spec.adapters().contains(request.adapter().get())) {
      return refuse(
          RuntimeErrorCode.UNKNOWN_MODEL,
          "adapter %s is not loaded; loaded are %s"
              .formatted(request.adapter().get(), spec.adapters()));
    }
    if (unfitResumption.isPresent()) {
      return refuse(
          RuntimeErrorCode.CANNOT_RESUME,
          unfitResumption.get() + "; start over without the resumption");
    }
    if (request.output() instanceof OutputFormat.JsonSchema
        || request.output() instanceof OutputFormat.Regex) {
      return refuse(
          RuntimeErrorCode.UNSUPPORTED_PARAMETER,
          "this runtime follows neither schemas nor regular expressions; ask for a choice or any"
              + " JSON object");
    }
    return Optional.empty();
  }

  private Optional<GenerationException> refuse(RuntimeErrorCode code, String message) {
    return Optional.of(new GenerationException(request.requestId(), code, message));
  }

  private boolean deadlinePassed() {
    return request.deadlineEpochMs().isPresent()
        && clockMs.getAsLong() >= request.deadlineEpochMs().getAsLong();
  }

  private int maxTokens() {
    int left = spec.contextTokens() - promptTokens;
    return Math.min(request.sampling().maxTokens().orElse(left), left);
  }

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException failure) {
      LOG.warn("The listener of request {} failed", request.requestId(), failure);
    }
  }
}
