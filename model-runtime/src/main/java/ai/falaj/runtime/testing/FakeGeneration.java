package ai.falaj.runtime.testing;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request in a {@link FakeRuntime}. Confined to whoever steps the runtime, but for {@link
 * #cancel()}, {@link #isHanging()} and {@link #ended()}.
 */
final class FakeGeneration implements GenerationHandle {

  /** The token that ends a turn; it has no text. */
  static final int END_OF_TURN = 2;

  private static final Logger LOG = LoggerFactory.getLogger(FakeGeneration.class);
  private static final int REASONING_WORDS = 3;

  private final FakeRuntimeSpec spec;
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final LongSupplier clockMs;
  private final Runnable onCancel;
  private final Optional<InjectedFailure> injected;
  private final boolean hangs;
  private final long submittedAtMs;
  private final List<TextSegment> script;
  private final int promptTokens;
  private final StringBuilder answer = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();

  private volatile boolean cancelled;
  private boolean started;
  private boolean promptCounted;
  private volatile boolean ended;
  private boolean hasResult;
  private int tokens;
  private int reasoningTokens;
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
    List<String> prompt = words(promptText(request.prompt()));
    this.promptTokens = prompt.size();
    this.script = script(prompt);
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

  int tokens() {
    return tokens;
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
    return cancelled || deadlinePassed() || refusal().isPresent();
  }

  /** Generates one token, or ends. */
  void step() {
    if (!started) {
      Optional<GenerationException> refusal = refusal();
      if (refusal.isPresent()) {
        fail(refusal.get());
        return;
      }
      if (cancelled) {
        finish(FinishReason.CANCELLED);
        return;
      }
      if (deadlinePassed()) {
        fail(RuntimeErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the first token");
        return;
      }
      started = true;
      startedAtMs = clockMs.getAsLong();
      tell(listener::onStarted);
    }
    if (cancelled) {
      finish(FinishReason.CANCELLED);
    } else if (deadlinePassed()) {
      if (tokens == 0) {
        fail(RuntimeErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the first token");
      } else {
        finish(FinishReason.DEADLINE);
      }
    } else if (injected.isPresent() && tokens >= injected.get().afterTokens()) {
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

  private void generate() {
    int next = tokens;
    if (next == script.size() && !request.ignoreEndOfSequence()) {
      countToken();
      tell(() -> listener.onTokens(new TokenDelta(List.of(END_OF_TURN), List.of())));
      finish(FinishReason.STOP);
      return;
    }
    TextSegment segment = script.get(next % script.size());
    String stop = firstStop(segment);
    countToken();
    if (stop != null) {
      tell(() -> listener.onTokens(new TokenDelta(List.of(tokenOf(segment)), List.of())));
      finish(FinishReason.STOP);
      return;
    }
    (segment.channel() == Channel.REASONING ? reasoning : answer).append(segment.text());
    if (segment.channel() == Channel.REASONING) {
      reasoningTokens++;
    }
    tell(() -> listener.onTokens(new TokenDelta(List.of(tokenOf(segment)), List.of(segment))));
    if (tokens >= maxTokens()) {
      finish(FinishReason.LENGTH);
    }
  }

  /** A stop string ends the answer before the word that holds it. */
  private String firstStop(TextSegment segment) {
    return request.sampling().stop().stream()
        .filter(segment.text()::contains)
        .findFirst()
        .orElse(null);
  }

  private void countToken() {
    if (tokens == 0) {
      firstTokenAtMs = clockMs.getAsLong();
    }
    tokens++;
  }

  private void finish(FinishReason reason) {
    ended = true;
    hasResult = true;
    long totalMs = clockMs.getAsLong() - submittedAtMs;
    GenerationResult result =
        new GenerationResult(
            answer.toString(),
            reasoning.toString(),
            reason,
            new GenerationResult.Usage(started ? promptTokens : 0, 0, reasoningTokens, tokens),
            new GenerationResult.Timings(
                started ? startedAtMs - submittedAtMs : totalMs,
                tokens > 0 ? firstTokenAtMs - submittedAtMs : totalMs,
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

  private List<TextSegment> script(List<String> prompt) {
    List<TextSegment> segments = new ArrayList<>();
    if (spec.reasoning()) {
      for (int i = 0; i < REASONING_WORDS; i++) {
        segments.add(new TextSegment(Channel.REASONING, (i == 0 ? "" : " ") + "thought" + i));
      }
    }
    segments.add(new TextSegment(Channel.ANSWER, "You"));
    segments.add(new TextSegment(Channel.ANSWER, " said:"));
    for (String word : words(lastText(request.prompt()))) {
      segments.add(new TextSegment(Channel.ANSWER, " " + word));
    }
    return segments;
  }

  private static int tokenOf(TextSegment segment) {
    return 3 + (segment.text().hashCode() >>> 8);
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.trim().split("\\s+"));
  }

  private static String promptText(Prompt prompt) {
    if (prompt instanceof Prompt.Chat chat) {
      StringBuilder text = new StringBuilder();
      chat.messages().forEach(message -> text.append(message.content()).append(' '));
      return text.toString();
    }
    return lastText(prompt);
  }

  private static String lastText(Prompt prompt) {
    if (prompt instanceof Prompt.Chat chat) {
      int size = chat.messages().size();
      return size == 0 ? "" : chat.messages().get(size - 1).content();
    }
    if (prompt instanceof Prompt.Raw raw) {
      return raw.text();
    }
    Prompt.Tokens tokens = (Prompt.Tokens) prompt;
    StringBuilder text = new StringBuilder();
    tokens.ids().forEach(id -> text.append('t').append(id).append(' '));
    return text.toString();
  }

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException failure) {
      LOG.warn("The listener of request {} failed", request.requestId(), failure);
    }
  }
}
