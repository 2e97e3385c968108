package ai.falaj.jobs.demo;

import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a client knows of one request: WAITING until its first chunk, STREAMING until its completion
 * or dead letter, then COMPLETED or DEAD_LETTERED. Times are the client's, in milliseconds of one
 * clock. Confined to the thread that reads the results.
 */
final class TrackedRequest {

  enum Status {
    WAITING,
    STREAMING,
    COMPLETED,
    DEAD_LETTERED
  }

  private final PromptRequest request;
  private final String label;
  private final long sentAtMs;
  private final ChunkAssembler text;
  private OptionalLong firstTextAtMs = OptionalLong.empty();
  private OptionalLong endedAtMs = OptionalLong.empty();
  private Optional<Completion> completion = Optional.empty();
  private Optional<DeadLetter> deadLetter = Optional.empty();
  private int results;

  TrackedRequest(PromptRequest request, String label, long sentAtMs) {
    this.request = request;
    this.label = label;
    this.sentAtMs = sentAtMs;
    this.text = new ChunkAssembler(request.getRequestId());
  }

  ChunkAssembler text() {
    return text;
  }

  void sawText(long nowMs) {
    if (firstTextAtMs.isEmpty()) {
      firstTextAtMs = OptionalLong.of(nowMs);
    }
  }

  void ended(Completion result, long nowMs) {
    results++;
    if (results == 1) {
      completion = Optional.of(result);
      endedAtMs = OptionalLong.of(nowMs);
    }
  }

  void ended(DeadLetter result, long nowMs) {
    results++;
    if (results == 1) {
      deadLetter = Optional.of(result);
      endedAtMs = OptionalLong.of(nowMs);
    }
  }

  String id() {
    return request.getRequestId();
  }

  /** Name for people: the id in the prompt file. */
  String label() {
    return label;
  }

  /** The last user turn, on one line. */
  String title() {
    List<ChatMessage> messages = request.getMessages();
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).getRole().equals("user")) {
        return DisplayText.oneLine(messages.get(i).getContent());
      }
    }
    return DisplayText.oneLine(messages.get(messages.size() - 1).getContent());
  }

  /** What the prompt file says the request is for; {@code other} where it does not say. */
  String task() {
    return request.getMetadata().getOrDefault("task", "other");
  }

  Status status() {
    if (completion.isPresent()) {
      return Status.COMPLETED;
    }
    if (deadLetter.isPresent()) {
      return Status.DEAD_LETTERED;
    }
    return firstTextAtMs.isPresent() ? Status.STREAMING : Status.WAITING;
  }

  Optional<Completion> completion() {
    return completion;
  }

  Optional<DeadLetter> deadLetter() {
    return deadLetter;
  }

  /** Completions and dead letters that came for this request; exactly one is right. */
  int results() {
    return results;
  }

  OptionalLong timeToFirstTextMs() {
    return firstTextAtMs.isPresent()
        ? OptionalLong.of(firstTextAtMs.getAsLong() - sentAtMs)
        : OptionalLong.empty();
  }

  OptionalLong endedAtMs() {
    return endedAtMs;
  }

  long sentAtMs() {
    return sentAtMs;
  }
}
