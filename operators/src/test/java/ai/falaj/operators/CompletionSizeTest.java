package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionSizeTest {

  private final CompletionSize size = new CompletionSize();

  private static Completion answer(String text) throws Exception {
    PromptRequest request = Prompts.request("r1", text);
    Map<String, String> metadata = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      metadata.put("k" + i, "");
    }
    request.setMetadata(metadata);
    request.getSampling().setStop(List.of("never", "قف"));
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("sized").contextTokens(100_000).drivenByTest().build();
    try (OperatorFixture operator = new OperatorFixture(spec, InferenceOptions.DEFAULT).open()) {
      operator.process(Prompts.record("r1", "r1", request));
      operator.runToIdle();
      return operator.completions().get(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "كلمة طويلة جدا", "emoji 🌴🌴🌴"})
  void saysTheSameAsTheBytesAtEveryLimit(String text) throws Exception {
    Completion completion = answer(text.repeat(50));
    long bytes = size.bytes(completion);
    for (long limit : new long[] {1, bytes - 1, bytes, bytes + 1, 2 * bytes, 1 << 20}) {
      assertThat(size.exceeds(completion, limit)).isEqualTo(bytes > limit);
    }
  }

  @Test
  void isExactWhereThereAreSamples() throws Exception {
    Completion completion = answer("short");
    completion.setSamples(
        List.of(
            new ai.falaj.schemas.CompletionSample(
                0, "x".repeat(5_000), null, completion.getFinishReason(), 0, 1, List.of())));
    assertThat(size.exceeds(completion, 4_000)).isTrue();
  }
}
