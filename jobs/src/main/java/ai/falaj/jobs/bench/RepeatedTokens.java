package ai.falaj.jobs.bench;

import ai.falaj.schemas.CompletionChunk;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the chunks of single-sample requests tell of a failure: how many tokens there were when it
 * came, and how many of them were written again. Not thread-safe.
 */
final class RepeatedTokens {

  /** From and to which token an attempt wrote. */
  private record Span(int start, int end) {
    Span with(CompletionChunk chunk) {
      return new Span(
          Math.min(start, chunk.getTokenOffset()),
          Math.max(end, chunk.getTokenOffset() + chunk.getTokenCount()));
    }
  }

  private final Map<String, NavigableMap<Integer, Span>> attempts = new HashMap<>();

  void add(CompletionChunk chunk) {
    attempts
        .computeIfAbsent(chunk.getRequestId(), id -> new TreeMap<>())
        .merge(
            chunk.getAttempt(),
            new Span(chunk.getTokenOffset(), chunk.getTokenOffset() + chunk.getTokenCount()),
            (known, unused) -> known.with(chunk));
  }

  /** Tokens that all requests have now. */
  long tokens() {
    return attempts.values().stream().mapToLong(a -> a.lastEntry().getValue().end()).sum();
  }

  /** Tokens that the first attempts had when another one followed them. */
  long interrupted() {
    return attempts.values().stream()
        .filter(a -> a.size() > 1)
        .mapToLong(a -> a.firstEntry().getValue().end())
        .sum();
  }

  /** Tokens that an attempt wrote although one before had written them. */
  long repeated() {
    long repeated = 0;
    for (NavigableMap<Integer, Span> ofRequest : attempts.values()) {
      int written = 0;
      for (Span span : ofRequest.values()) {
        repeated += Math.max(0, Math.min(written, span.end()) - span.start());
        written = Math.max(written, span.end());
      }
    }
    return repeated;
  }
}
