package ai.falaj.schemas;

import java.util.List;
import java.util.Map;

/**
 * {@link Records} with every field of version 2 set too. The files in {@code
 * src/test/resources/schemas/v2} hold the same records: leave these values and set no later field,
 * so that those files still read as equal to them.
 */
public final class RecordsOfVersion2 {

  private RecordsOfVersion2() {}

  public static PromptRequest prompt() {
    return PromptRequest.newBuilder(Records.prompt())
        .setSampling(sampling(Records.prompt().getSampling()))
        .setAdapter("legal")
        .build();
  }

  public static CompletionChunk chunk() {
    return CompletionChunk.newBuilder(Records.chunk()).setSample(2).build();
  }

  public static Completion completion() {
    Completion before = Records.completion();
    return Completion.newBuilder(before)
        .setProvenance(
            Provenance.newBuilder(before.getProvenance())
                .setSampling(sampling(before.getProvenance().getSampling()))
                .setAdapter("legal")
                .build())
        .setLogprobs(List.of(logprob()))
        .setSamples(
            List.of(
                sample(0, before.getAnswer(), before.getReasoning(), FinishReason.STOP),
                sample(1, "قناة 💧", null, FinishReason.LENGTH)))
        .build();
  }

  public static DeadLetter deadLetter() {
    return DeadLetter.newBuilder(Records.deadLetter())
        .setErrorCode(ErrorCode.BUDGET_EXCEEDED)
        .build();
  }

  private static CompletionSample sample(
      int index, String answer, String reasoning, FinishReason finishReason) {
    return CompletionSample.newBuilder()
        .setIndex(index)
        .setAnswer(answer)
        .setReasoning(reasoning)
        .setFinishReason(finishReason)
        .setReasoningTokens(5)
        .setCompletionTokens(32)
        .setLogprobs(List.of(logprob()))
        .build();
  }

  private static TokenLogprob logprob() {
    return TokenLogprob.newBuilder()
        .setToken(151_645)
        .setText("ماء")
        .setLogprob(-0.25f)
        .setTopLogprobs(
            List.of(new TopLogprob(151_645, "ماء", -0.25f), new TopLogprob(7, "\uFFFD", -1.5f)))
        .build();
  }

  private static SamplingParameters sampling(SamplingParameters before) {
    return SamplingParameters.newBuilder(before)
        .setN(2)
        .setRegex("[ء-ي]+")
        .setChoice(List.of("نعم", "لا"))
        .setReasoningBudget(128)
        .setRepetitionPenalty(1.1)
        .setLogitBias(Map.of("151645", -100.0))
        .setLogprobs(true)
        .setTopLogprobs(2)
        .build();
  }
}
