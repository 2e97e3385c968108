package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Timings;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.schemas.Completion;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CompletionMapperTest {

  private static final RuntimeInfo OPENED = info("a".repeat(64));
  private static final RuntimeInfo RELOADED = info("b".repeat(64));

  private final CompletionMapper mapper = new CompletionMapper(ServedModels.of(OPENED));

  @Test
  void namesTheModelThatAnsweredWhereItsFileWasReplacedMeanwhile() {
    Completion completion = mapper.completed(request(), result().servedBy(RELOADED), 10);
    assertThat(completion.getProvenance().getModelSha256()).isEqualTo("b".repeat(64));
    assertThat(completion.getAnswer()).isEqualTo("an answer");
  }

  @Test
  void namesTheRuntimesModelOtherwise() {
    assertThat(mapper.completed(request(), result(), 10).getProvenance().getModelSha256())
        .isEqualTo("a".repeat(64));
    assertThat(
            mapper
                .completed(request(), result().servedBy(OPENED), 10)
                .getProvenance()
                .getModelSha256())
        .isEqualTo("a".repeat(64));
  }

  private static ActiveRequest request() {
    GenerationRequest generation =
        GenerationRequest.of("r", new Prompt.Raw("hello"), SamplingParameters.greedy(8));
    return new ActiveRequest(
        Prompts.record("r", "hello"), generation, OptionalLong.empty(), 1, 1, 1);
  }

  private static GenerationResult result() {
    return new GenerationResult(
        "an answer", "", FinishReason.STOP, new Usage(1, 0, 0, 2), new Timings(1, 2, 3), 7, 8);
  }

  private static RuntimeInfo info(String sha256) {
    return new RuntimeInfo("m", Optional.of(sha256), "fake", "1", Optional.of("Q4_0"), 4, 1_000, 0);
  }
}
