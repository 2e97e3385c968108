package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.remote.RemotePreset;
import ai.falaj.runtime.remote.RemoteSpec;
import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.CompletionChunk;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An answer of a remote model goes on from its text, after a cut stream and after a restart. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RemoteResumeTest {

  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT.withRetry(
          new RetryPolicy(3, Duration.ofMillis(100), Duration.ofSeconds(1)));

  @Test
  void goesOnFromTheTextOfAStreamThatWasCut() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    goesOn(request)
                        ? words(" a", " time").data(finish()).data("[DONE]").end()
                        : words("Once", " upon").cut());
        Harness operator = new Harness(spec(server))) {
      operator.harness.open();
      operator.process();
      operator.runUntil(() -> !operator.completions().isEmpty());

      operator.assertWhole("Once upon a time");
      assertThat(operator.completions().get(0).getProvenance().getAttempts()).isEqualTo(2);
      assertThat(server.received().get(1).body())
          .contains("{\"role\":\"assistant\",\"content\":\"Once upon\"}");
    }
  }

  @Test
  void goesOnFromTheTextOfACheckpoint() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            request ->
                goesOn(request)
                    ? words(" a", " time").data(finish()).data("[DONE]").end()
                    : words("Once", " upon").hang())) {
      OperatorSubtaskState state;
      List<CompletionChunk> before;
      try (Harness first = new Harness(spec(server))) {
        first.harness.open();
        first.process();
        first.runUntil(() -> first.textOfChunks().equals("Once upon"));
        state = first.harness.snapshot(1, 1);
        before = first.chunks();
      }
      try (Harness second = new Harness(spec(server))) {
        second.harness.initializeState(state);
        second.harness.open();
        second.runUntil(() -> !second.completions().isEmpty());

        assertThat(second.completions().get(0).getAnswer()).isEqualTo("Once upon a time");
        assertThat(second.textOfChunks())
            .as("what was sent is not sent again")
            .isEqualTo(" a time");
        assertThat(second.chunks().get(0).getTokenOffset())
            .isEqualTo(before.stream().mapToInt(CompletionChunk::getTokenCount).sum());
      }
    }
  }

  private static boolean goesOn(ReceivedRequest request) {
    return request.body().contains("\"continue_final_message\":true");
  }

  private static RemoteSpec spec(ScriptedServer server) {
    return RemoteSpec.builder(RemotePreset.VLLM, "k2-think")
        .baseUrl(server.address() + "/v1")
        .checkAtOpen(false)
        .build();
  }

  private static Script.Builder words(String... words) {
    Script.Builder stream = Script.stream();
    for (String word : words) {
      stream.data("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + word + "\"}}]}");
    }
    return stream;
  }

  private static String finish() {
    return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
  }

  /** The operator in Flink's harness, whose mails the test runs. */
  private static final class Harness implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harness;

    Harness(RemoteSpec spec) throws Exception {
      harness =
          new OneInputStreamOperatorTestHarness<>(new InferenceOperatorFactory(spec, OPTIONS));
      harness
          .getStreamConfig()
          .setupNetworkInputs(
              InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
      harness.getStreamConfig().serializeAllConfigs();
      harness.setup(InferenceOutputs.COMPLETION_TYPE.createSerializer(new SerializerConfigImpl()));
    }

    void process() throws Exception {
      harness.processElement(new StreamRecord<>(Prompts.record("r1", "Tell me a story"), 1));
    }

    /** Runs mails and timers, five times as fast as real time. */
    void runUntil(BooleanSupplier condition) throws Exception {
      while (!condition.getAsBoolean()) {
        Optional<Mail> mail;
        while ((mail = harness.getTaskMailbox().tryTake(Integer.MIN_VALUE)).isPresent()) {
          mail.get().run();
        }
        harness.setProcessingTime(harness.getProcessingTime() + 10);
        TimeUnit.MILLISECONDS.sleep(2);
      }
    }

    List<Completion> completions() {
      return harness.extractOutputValues().stream().map(OutputRecord::value).toList();
    }

    List<CompletionChunk> chunks() {
      Queue<StreamRecord<OutputRecord<CompletionChunk>>> sent =
          harness.getSideOutput(InferenceOutputs.CHUNKS);
      return sent == null
          ? List.of()
          : sent.stream().map(record -> record.getValue().value()).toList();
    }

    String textOfChunks() {
      StringBuilder text = new StringBuilder();
      chunks().forEach(chunk -> text.append(chunk.getText()));
      return text.toString();
    }

    void assertWhole(String answer) {
      CompletionAssembler reader = new CompletionAssembler("r1", 1);
      chunks().forEach(reader::add);
      assertThat(reader.sample(0).answer()).isEqualTo(answer);
      assertThat(completions().get(0).getAnswer()).isEqualTo(answer);
    }

    @Override
    public void close() {
      try {
        harness.close();
      } catch (Exception e) { // which the harness declares
        throw new AssertionError("the operator could not be closed", e);
      }
    }
  }
}
