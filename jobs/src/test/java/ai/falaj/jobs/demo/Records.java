package ai.falaj.jobs.demo;

import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Small valid records. */
final class Records {

  private Records() {}

  static PromptRequest prompt(String id, String task) {
    return PromptRequest.newBuilder()
        .setRequestId(id)
        .setMessages(List.of(new ChatMessage("user", "Say " + id)))
        .setMetadata(Map.of("task", task))
        .setCreatedAt(Instant.EPOCH)
        .build();
  }

  /** A chunk of one token, of the first attempt. */
  static CompletionChunk chunk(String id, int sequence, String text) {
    return new CompletionChunk(
        id, 1, sequence, sequence, 1, Channel.ANSWER, text, null, Instant.EPOCH, 0, 0);
  }

  static Completion completion(String id, String answer, FinishReason finishReason) {
    return Completion.newBuilder()
        .setRequestId(id)
        .setAnswer(answer)
        .setFinishReason(finishReason)
        .setUsage(new Usage(10, 4, 0, 20))
        .setTimings(new Timings(1L, 30L, 200L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("fake")
                .setEngine("fake")
                .setEngineVersion("1")
                .setSeed(1L)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setCompletedAt(Instant.EPOCH)
        .build();
  }

  static DeadLetter deadLetter(String id) {
    return DeadLetter.newBuilder()
        .setRequestId(id)
        .setValue(ByteBuffer.wrap(new byte[] {1}))
        .setSourceTopic("falaj.prompts")
        .setSourcePartition(0)
        .setSourceOffset(7)
        .setErrorCode(ErrorCode.PROMPT_TOO_LONG)
        .setMessage("too long")
        .setFailedAt(Instant.EPOCH)
        .build();
  }
}
