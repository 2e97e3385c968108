package ai.falaj.jobs.demo;

import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Joins what comes back to what was sent, by request id. Results of requests that others sent are
 * left alone. Confined to the thread that reads the results.
 */
final class RequestTracker {

  private final Map<String, TrackedRequest> requests = new LinkedHashMap<>();
  private int answered;
  private int completionTokensSeen;
  private OptionalLong firstSentAtMs = OptionalLong.empty();
  private OptionalLong lastTextAtMs = OptionalLong.empty();

  /**
   * @param label name of the request for people
   * @throws IllegalArgumentException if a request of that id was sent before
   */
  void sent(PromptRequest request, String label, long nowMs) {
    TrackedRequest tracked = new TrackedRequest(request, label, nowMs);
    if (requests.putIfAbsent(request.getRequestId(), tracked) != null) {
      throw new IllegalArgumentException(request.getRequestId() + " was sent before");
    }
    if (firstSentAtMs.isEmpty()) {
      firstSentAtMs = OptionalLong.of(nowMs);
    }
  }

  /** The request whose text the chunk belongs to, where it is one of ours. */
  Optional<TrackedRequest> chunk(CompletionChunk chunk, long nowMs) {
    Optional<TrackedRequest> request = find(chunk.getRequestId());
    request.ifPresent(
        tracked -> {
          ChunkAssembler text = tracked.text();
          int before = text.tokens();
          if (!text.add(chunk).isNothing()) {
            tracked.sawText(nowMs);
            lastTextAtMs = OptionalLong.of(nowMs);
          }
          completionTokensSeen += text.tokens() - before;
        });
    return request;
  }

  Optional<TrackedRequest> completion(Completion completion, long nowMs) {
    Optional<TrackedRequest> request = find(completion.getRequestId());
    request.ifPresent(
        tracked -> {
          tracked.ended(completion, nowMs);
          answered += tracked.results() == 1 ? 1 : 0;
        });
    return request;
  }

  Optional<TrackedRequest> deadLetter(DeadLetter deadLetter, long nowMs) {
    Optional<TrackedRequest> request =
        Optional.ofNullable(deadLetter.getRequestId()).flatMap(this::find);
    request.ifPresent(
        tracked -> {
          tracked.ended(deadLetter, nowMs);
          answered += tracked.results() == 1 ? 1 : 0;
        });
    return request;
  }

  Optional<TrackedRequest> find(String requestId) {
    return Optional.ofNullable(requests.get(requestId));
  }

  /** In the order of sending. */
  Collection<TrackedRequest> requests() {
    return Collections.unmodifiableCollection(requests.values());
  }

  int sentCount() {
    return requests.size();
  }

  boolean allAnswered() {
    return answered == requests.size();
  }

  List<TrackedRequest> unanswered() {
    return requests.values().stream().filter(request -> request.results() == 0).toList();
  }

  List<TrackedRequest> answeredMoreThanOnce() {
    return requests.values().stream().filter(request -> request.results() > 1).toList();
  }

  long count(TrackedRequest.Status status) {
    return requests.values().stream().filter(request -> request.status() == status).count();
  }

  /** Completion tokens of the chunks that count. */
  int completionTokensSeen() {
    return completionTokensSeen;
  }

  OptionalLong firstSentAtMs() {
    return firstSentAtMs;
  }

  /** When the last chunk that changed something came. */
  OptionalLong lastTextAtMs() {
    return lastTextAtMs;
  }
}
