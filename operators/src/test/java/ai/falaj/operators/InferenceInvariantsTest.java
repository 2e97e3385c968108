package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.TokenDelta;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A runtime that breaks its contract fails the job, with the values that show how. */
class InferenceInvariantsTest {

  private static final TokenDelta ONE_TOKEN =
      new TokenDelta(List.of(1), List.of(new TokenDelta.TextSegment(Channel.ANSWER, "word")));

  private OneInputStreamOperatorTestHarness<PromptRecord, ?> harness;

  @BeforeEach
  void openOperator() throws Exception {
    var opened =
        new OneInputStreamOperatorTestHarness<>(
            new InferenceOperatorFactory(new LooseSpec(), InferenceOptions.DEFAULT));
    opened.setup(InferenceOutputs.COMPLETION_TYPE.createSerializer(new SerializerConfigImpl()));
    opened.open();
    opened.processElement(new StreamRecord<>(Prompts.record("r1", "hello")));
    harness = opened;
  }

  @AfterEach
  void closeOperator() throws Exception {
    harness.close();
  }

  @Test
  void aSecondEndFailsTheJob() throws Exception {
    LooseRuntime.listener.onTokens(ONE_TOKEN);
    LooseRuntime.listener.onFinished(resultOf(1));
    LooseRuntime.listener.onFinished(resultOf(1));

    assertThatThrownBy(this::runMail)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Finished of attempt 1 after its end")
        .hasMessageContaining("request r1")
        .hasMessageContaining("ENDED")
        .hasMessageNotContaining("hello");
    assertThat(harness.extractOutputValues()).as("results").hasSize(1);
  }

  @Test
  void tokensAfterTheEndFailTheJob() {
    LooseRuntime.listener.onFinished(resultOf(0));
    LooseRuntime.listener.onTokens(ONE_TOKEN);

    assertThatThrownBy(this::runMail)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Tokens of attempt 1 after its end");
  }

  @Test
  void aResultWithOtherTokensThanItsDeltasFailsTheJob() {
    LooseRuntime.listener.onTokens(ONE_TOKEN);
    LooseRuntime.listener.onFinished(resultOf(5));

    assertThatThrownBy(this::runMail)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("told 1 tokens of sample 0 and then a result of 5");
  }

  @Test
  void tokensOfASampleThatNobodyAskedForFailTheJob() {
    LooseRuntime.listener.onTokens(new TokenDelta(1, List.of(1), List.of(), List.of()));

    assertThatThrownBy(this::runMail)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("sample 1 of 1: request r1");
  }

  @Test
  void aResultOfMoreSamplesThanAskedForFailsTheJob() {
    GenerationResult.Sample sample =
        new GenerationResult.Sample("", "", FinishReason.STOP, 0, 0, List.of());
    LooseRuntime.listener.onFinished(
        new GenerationResult(
            List.of(sample, sample),
            new GenerationResult.Usage(1, 0, 0, 0),
            new GenerationResult.Timings(0, 0, 0),
            1,
            10));

    assertThatThrownBy(this::runMail)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("gave 2 samples: request r1");
  }

  private void runMail() throws Exception {
    harness.getTaskMailbox().take(TaskMailbox.MIN_PRIORITY).run();
  }

  private static GenerationResult resultOf(int tokens) {
    return new GenerationResult(
        "word",
        "",
        FinishReason.STOP,
        new GenerationResult.Usage(1, 0, 0, tokens),
        new GenerationResult.Timings(0, 0, 0),
        1,
        10);
  }

  private record LooseSpec() implements RuntimeSpec {
    private static final long serialVersionUID = 1L;

    @Override
    public String model() {
      return "loose";
    }

    @Override
    public ModelRuntime open() {
      return new LooseRuntime();
    }

    @Override
    public Optional<Duration> linger() {
      return Optional.of(Duration.ZERO);
    }
  }

  /** Does nothing by itself. */
  private static final class LooseRuntime implements ModelRuntime {
    static GenerationListener listener;

    @Override
    public GenerationHandle submit(GenerationRequest request, GenerationListener told) {
      listener = told;
      return new GenerationHandle() {
        @Override
        public String requestId() {
          return request.requestId();
        }

        @Override
        public void cancel() {}
      };
    }

    @Override
    public RuntimeInfo info() {
      return new RuntimeInfo("loose", Optional.empty(), "none", "0", Optional.empty(), 1, 100, 0);
    }

    @Override
    public RuntimeStats stats() {
      return RuntimeStats.NONE;
    }

    @Override
    public void close() {}
  }
}
