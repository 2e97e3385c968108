package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.BucketView;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts and latencies of a span of event time. Not thread-safe. */
final class Bucket {

  private final Latencies timeToFirstToken = new Latencies();
  private final Latencies total = new Latencies();
  private final Map<FinishReason, Long> finishReasons = new EnumMap<>(FinishReason.class);
  private final Map<ErrorCode, Long> errors = new EnumMap<>(ErrorCode.class);
  private long requests;
  private long deadLetters;
  private long chunks;
  private long promptTokens;
  private long cachedTokens;
  private long reasoningTokens;
  private long completionTokens;
  private long streamedTokens;

  void add(Completion completion) {
    requests++;
    promptTokens += completion.getUsage().getPromptTokens();
    cachedTokens += completion.getUsage().getCachedTokens();
    reasoningTokens += completion.getUsage().getReasoningTokens();
    completionTokens += completion.getUsage().getCompletionTokens();
    timeToFirstToken.add(completion.getTimings().getTimeToFirstTokenMs());
    total.add(completion.getTimings().getTotalMs());
    finishReasons.merge(completion.getFinishReason(), 1L, Long::sum);
  }

  void add(DeadLetter letter) {
    deadLetters++;
    errors.merge(letter.getErrorCode(), 1L, Long::sum);
  }

  void add(CompletionChunk chunk) {
    chunks++;
    streamedTokens += chunk.getTokenCount();
  }

  /** Takes over what another one counted. */
  void add(Bucket other) {
    requests += other.requests;
    deadLetters += other.deadLetters;
    chunks += other.chunks;
    promptTokens += other.promptTokens;
    cachedTokens += other.cachedTokens;
    reasoningTokens += other.reasoningTokens;
    completionTokens += other.completionTokens;
    streamedTokens += other.streamedTokens;
    timeToFirstToken.add(other.timeToFirstToken);
    total.add(other.total);
    other.finishReasons.forEach((reason, count) -> finishReasons.merge(reason, count, Long::sum));
    other.errors.forEach((code, count) -> errors.merge(code, count, Long::sum));
  }

  /**
   * @param start of its span, in ms since 1970
   */
  BucketView view(long start) {
    return new BucketView(
        start,
        requests,
        deadLetters,
        chunks,
        promptTokens,
        cachedTokens,
        reasoningTokens,
        completionTokens,
        streamedTokens,
        timeToFirstToken.valueAt(0.5),
        timeToFirstToken.valueAt(0.95),
        timeToFirstToken.valueAt(0.99),
        total.valueAt(0.5),
        total.valueAt(0.95),
        total.valueAt(0.99),
        named(finishReasons),
        named(errors));
  }

  private static <E extends Enum<E>> Map<String, Long> named(Map<E, Long> counts) {
    Map<String, Long> named = new LinkedHashMap<>();
    counts.forEach((key, count) -> named.put(key.name(), count));
    return named;
  }
}
