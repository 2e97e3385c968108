package ai.falaj.operators;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Prompts for tests. */
public final class Prompts {

  public static final String TRACEPARENT =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private Prompts() {}

  public static PromptRequest request(String requestId, String text) {
    return PromptRequest.newBuilder()
        .setRequestId(requestId)
        .setConversationId("conversation of " + requestId)
        .setTenant("tenant")
        .setMessages(new ArrayList<>(List.of(new ChatMessage("user", text))))
        .setSampling(sampling(unchanged -> {}))
        .setMetadata(new HashMap<>(Map.of("origin", "test")))
        .setCreatedAt(Instant.ofEpochMilli(1))
        .build();
  }

  /** With the seed at which a fake runtime's answer shows no seed. */
  public static SamplingParameters sampling(Consumer<SamplingParameters> change) {
    SamplingParameters sampling = SamplingParameters.newBuilder().setSeed(0L).build();
    change.accept(sampling);
    return sampling;
  }

  public static PromptRecord record(String requestId, String text) {
    return record(requestId, requestId, request(requestId, text));
  }

  public static PromptRecord record(String key, String requestId, PromptRequest request) {
    return new PromptRecord(
        new RecordOrigin("falaj.prompts", 0, Math.abs(requestId.hashCode())),
        7,
        Optional.of(bytes(key)),
        Optional.of(bytes("value of " + requestId)),
        Optional.of(TRACEPARENT),
        0,
        new PromptRecord.Request(request));
  }

  /** A prompt that wants several answers. */
  public static PromptRecord samples(String requestId, String text, int samples) {
    PromptRequest request = request(requestId, text);
    request.setSampling(sampling(sampling -> sampling.setN(samples)));
    return record(requestId, requestId, request);
  }

  /** Written after all prompts of these tests. */
  public static PromptRecord cancellation(String key) {
    return cancellation(key, Long.MAX_VALUE, PromptRecord.Cancellation.OF_PARTITION);
  }

  public static PromptRecord cancellation(
      String key, long offset, PromptRecord.Cancellation content) {
    return new PromptRecord(
        new RecordOrigin("falaj.prompts", 0, offset),
        7,
        Optional.of(bytes(key)),
        Optional.empty(),
        Optional.empty(),
        0,
        content);
  }

  public static PromptRecord undecodable(ErrorCode code, String message) {
    return new PromptRecord(
        new RecordOrigin("falaj.prompts", 3, 42),
        7,
        Optional.of(bytes("some key")),
        Optional.of(bytes("no avro")),
        Optional.of(TRACEPARENT),
        0,
        new PromptRecord.Undecodable(code, message));
  }

  public static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
