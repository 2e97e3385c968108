package ai.falaj.operators;

import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A record of a prompts topic, or a tool's answer to one: its bytes, so that a dead letter can
 * carry them, and what they mean. Immutable; nobody changes the request that it holds, and buffers
 * are read through {@link ByteBuffer#duplicate()}.
 *
 * @param timestampMs the Kafka record's timestamp, in milliseconds since the epoch
 * @param traceparent W3C trace context of the record's headers
 * @param retries how often the record had been sent again after a dead letter, as its headers say;
 *     0 for one that a client sent
 */
public record PromptRecord(
    RecordOrigin origin,
    long timestampMs,
    Optional<ByteBuffer> key,
    Optional<ByteBuffer> value,
    Optional<String> traceparent,
    int retries,
    Content content) {

  public PromptRecord {
    Objects.requireNonNull(origin, "origin");
    key = key.map(ByteBuffer::asReadOnlyBuffer);
    value = value.map(ByteBuffer::asReadOnlyBuffer);
    Objects.requireNonNull(traceparent, "traceparent");
    if (retries < 0) {
      throw new IllegalArgumentException("retries is " + retries);
    }
    Objects.requireNonNull(content, "content");
  }

  /** The same record with another meaning. */
  public PromptRecord withContent(Content other) {
    return new PromptRecord(origin, timestampMs, key, value, traceparent, retries, other);
  }

  /** What a record means. */
  public sealed interface Content {}

  /**
   * A prompt that waits for its completion.
   *
   * @param shadows models that generate a copy of it as well, whose answers nobody waits for
   */
  public record Request(PromptRequest request, List<String> shadows) implements Content {
    public Request {
      Objects.requireNonNull(request, "request");
      shadows = List.copyOf(shadows);
    }

    /** Without shadows. */
    public Request(PromptRequest request) {
      this(request, List.of());
    }
  }

  /** What a tool said to the model that called it. */
  public record ToolAnswer(ToolResponse response) implements Content {
    public ToolAnswer {
      Objects.requireNonNull(response, "response");
    }
  }

  /**
   * Bytes that are no {@link PromptRequest} or {@link ToolResponse}.
   *
   * @param message what was wrong and the remedy; never content
   */
  public record Undecodable(ErrorCode code, String message) implements Content {
    public Undecodable {
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(message, "message");
    }
  }

  /**
   * A tombstone: the requests of this key that were written before it and have not ended are
   * cancelled.
   *
   * @param copy present where it is sent to all subtasks ({@link BalancedPrompts}), and so on
   *     another way than its requests, which it may overtake: decides to which subtask this copy
   *     goes
   */
  public record Cancellation(OptionalInt copy) implements Content {

    /** One that comes the way that its requests came. */
    public static final Cancellation OF_PARTITION = new Cancellation(OptionalInt.empty());

    public Cancellation {
      Objects.requireNonNull(copy, "copy");
    }
  }
}
