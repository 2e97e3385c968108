package ai.falaj.jobs.dashboard.view;

import java.util.List;
import java.util.Map;

/** All that is known of one request; docs/DASHBOARD.md describes it. Null is not known. */
public record TraceView(
    RequestRow request,
    Prompt prompt,
    List<Phase> phases,
    List<Attempt> attempts,
    List<Sample> samples,
    Completed completion,
    DeadLetterRow deadLetter) {

  /** The prompt's record. */
  public record Prompt(
      Long writtenAt,
      String topic,
      int partition,
      long offset,
      String traceparent,
      int priority,
      Long deadline,
      boolean stream,
      Map<String, Object> sampling,
      Map<String, TextView> metadata,
      List<Message> messages) {}

  /** A turn of the conversation. */
  public record Message(String role, TextView content) {}

  /** A part of the time that a request took. */
  public record Phase(String phase, long from, long to) {}

  /** A generation, as its chunks tell. */
  public record Attempt(
      int attempt, Integer follows, int fromToken, int tokens, long firstAt, long lastAt) {}

  /** The text of one sample as far as it is there. */
  public record Sample(
      int sample, TextView answer, TextView reasoning, int tokens, String finishReason) {}

  /** The completion's record, but for texts. */
  public record Completed(
      long completedAt,
      long seenAt,
      String topic,
      int partition,
      long offset,
      Provenance provenance,
      List<Tool> toolCalls) {}

  /** What made it. */
  public record Provenance(
      String model,
      String modelSha256,
      String engine,
      String engineVersion,
      String quantization,
      String adapter,
      long seed,
      int attempts,
      Map<String, Object> sampling) {}

  /** A tool that the model called. */
  public record Tool(int round, String name, String outcome, TextView arguments) {}
}
