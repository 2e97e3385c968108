package ai.falaj.operators;

import ai.falaj.runtime.GenerationException;
import java.time.Duration;

/** What dead letters of requests say that were given up here, and not by the runtime. Stateless. */
final class GiveUpMessages {

  private GiveUpMessages() {}

  static String tooLarge(long bytes, int maxBytes) {
    return "the completion has %d bytes and this job publishes at most %d; ask for fewer samples, tokens or logprobs"
        .formatted(bytes, maxBytes);
  }

  static String tooLong(ActiveRequest request, Duration limit) {
    return "the request had no result after %s and %d generations; allow more time or ask for fewer tokens"
        .formatted(limit, request.generations);
  }

  static String exhausted(ActiveRequest request, GenerationException failure) {
    return "%d generations failed, the last with %s: %s; send the prompt again when the engine is healthy"
        .formatted(request.failures, failure.code(), failure.getMessage());
  }
}
