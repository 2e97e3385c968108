package ai.falaj.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One record of each topic with every field of version 1 set, Arabic and emoji included. The files
 * in {@code src/test/resources/schemas/v1} hold the same records: leave these values and set no
 * later field, so that those files still read as equal to them.
 */
public final class Records {

  public static final Instant NOON = Instant.parse("2026-11-23T12:00:00.123Z");

  private Records() {}

  public static PromptRequest prompt() {
    return PromptRequest.newBuilder()
        .setRequestId("request-1")
        .setConversationId("conversation-1")
        .setTenant("tenant-1")
        .setMessages(
            List.of(message("system", "Answer in Arabic."), message("user", "ما هو الفلج؟ 💧")))
        .setSampling(sampling())
        .setPriority(7)
        .setDeadline(NOON.plusSeconds(30))
        .setModel("k2-think")
        .setStream(false)
        .setMetadata(Map.of("الوسم", "قيمة"))
        .setCreatedAt(NOON)
        .build();
  }

  public static CompletionChunk chunk() {
    return CompletionChunk.newBuilder()
        .setRequestId("request-1")
        .setAttempt(2)
        .setSequence(3)
        .setTokenOffset(40)
        .setTokenCount(5)
        .setChannel(Channel.REASONING)
        .setText("قناة ماء 💧")
        .setFinishReason(FinishReason.LENGTH)
        .setEmittedAt(NOON)
        .build();
  }

  public static Completion completion() {
    return Completion.newBuilder()
        .setRequestId("request-1")
        .setConversationId("conversation-1")
        .setTenant("tenant-1")
        .setAnswer("الفلج قناة ماء قديمة 💧")
        .setReasoning("Think first.")
        .setFinishReason(FinishReason.STOP)
        .setUsage(
            Usage.newBuilder()
                .setPromptTokens(24)
                .setCachedTokens(8)
                .setReasoningTokens(10)
                .setCompletionTokens(64)
                .build())
        .setTimings(
            Timings.newBuilder().setQueueMs(1).setTimeToFirstTokenMs(20).setTotalMs(300).build())
        .setProvenance(
            Provenance.newBuilder()
                .setModel("k2-think")
                .setModelSha256("00ff")
                .setEngine("llama.cpp")
                .setEngineVersion("0.5.0")
                .setQuantization("Q4_1")
                .setSeed(4_294_967_294L)
                .setSampling(sampling())
                .setAttempts(2)
                .build())
        .setMetadata(Map.of("الوسم", "قيمة"))
        .setCompletedAt(NOON)
        .build();
  }

  public static DeadLetter deadLetter() {
    return DeadLetter.newBuilder()
        .setRequestId("request-1")
        .setKey(ByteBuffer.wrap("request-1".getBytes(StandardCharsets.UTF_8)))
        .setValue(ByteBuffer.wrap(new byte[] {1, 2, 3}))
        .setSourceTopic(Topics.PROMPTS)
        .setSourcePartition(3)
        .setSourceOffset(1L << 40)
        .setErrorCode(ErrorCode.UNDECODABLE_RECORD)
        .setMessage("Begins with byte 1, not 0")
        .setAttempts(1)
        .setFailedAt(NOON)
        .build();
  }

  private static ChatMessage message(String role, String content) {
    return ChatMessage.newBuilder().setRole(role).setContent(content).build();
  }

  private static SamplingParameters sampling() {
    return SamplingParameters.newBuilder()
        .setTemperature(0.7)
        .setTopP(0.95)
        .setTopK(40)
        .setMinP(0.05)
        .setMaxTokens(256)
        .setSeed(42L)
        .setStop(List.of("</answer>", "\n\n"))
        .setN(1)
        .setPresencePenalty(0.5)
        .setFrequencyPenalty(-0.5)
        .setResponseFormat("{\"type\":\"object\"}")
        .build();
  }
}
