package ai.falaj.jobs.size;

import java.util.OptionalDouble;

/**
 * What is asked of the models. Lengths are means; the context is the longest request's.
 *
 * @param promptTokens of a record, the part included that others begin with too
 * @param completionTokens of a record, reasoning included
 * @param cachedShare of the prompt tokens that are in the cache already, 0 to below 1
 * @param recordsPerSecond absent: as many as one engine can do
 */
record Workload(
    double promptTokens,
    double completionTokens,
    double cachedShare,
    int contextTokens,
    OptionalDouble recordsPerSecond) {

  Workload {
    if (!(promptTokens > 0) || !(completionTokens > 0)) {
      throw new IllegalArgumentException(
          "a record has %.1f prompt and %.1f completion tokens; give both above 0"
              .formatted(promptTokens, completionTokens));
    }
    if (!(cachedShare >= 0 && cachedShare < 1)) {
      throw new IllegalArgumentException(
          "the cached share is %s; it must be 0 or more and below 1".formatted(cachedShare));
    }
    if (promptTokens + completionTokens > contextTokens) {
      throw new IllegalArgumentException(
          "%.0f prompt and %.0f completion tokens are more than the context of %d; raise --context"
              .formatted(promptTokens, completionTokens, contextTokens));
    }
    if (recordsPerSecond.isPresent() && !(recordsPerSecond.getAsDouble() > 0)) {
      throw new IllegalArgumentException(
          "the rate is %s records/s; it must be above 0".formatted(recordsPerSecond.getAsDouble()));
    }
  }

  /** Prompt tokens that the engine computes. */
  double newPromptTokens() {
    return promptTokens * (1 - cachedShare);
  }

  /** Tokens of a record at its end. */
  double tokens() {
    return promptTokens + completionTokens;
  }

  /** Tokens of a record in the middle of its completion: what its attention looks at on average. */
  double meanContextTokens() {
    return promptTokens + completionTokens / 2;
  }
}
