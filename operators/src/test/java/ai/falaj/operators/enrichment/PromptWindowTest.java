package ai.falaj.operators.enrichment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PromptWindowTest {

  private final List<OneInputStreamOperatorTestHarness<?, ?>> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (OneInputStreamOperatorTestHarness<?, ?> harness : opened) {
      harness.close();
    }
  }

  private OneInputStreamOperatorTestHarness<PromptRecord, PromptRecord> window(int size)
      throws Exception {
    OneInputStreamOperatorTestHarness<PromptRecord, PromptRecord> harness =
        new OneInputStreamOperatorTestHarness<>(
            new PromptWindow(size),
            InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
    harness.setup(InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
    opened.add(harness);
    return harness;
  }

  private static StreamRecord<PromptRecord> prompt(String id, String instruction, String text) {
    PromptRequest request =
        PromptRequest.newBuilder()
            .setRequestId(id)
            .setMessages(
                List.of(new ChatMessage("system", instruction), new ChatMessage("user", text)))
            .setCreatedAt(Instant.EPOCH)
            .build();
    return new StreamRecord<>(
        new PromptRecord(
            new RecordOrigin("t", 0, 0),
            5,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            new PromptRecord.Request(request)),
        5);
  }

  private static List<String> ids(
      OneInputStreamOperatorTestHarness<PromptRecord, PromptRecord> harness) {
    return harness.extractOutputValues().stream()
        .map(record -> ((PromptRecord.Request) record.content()).request().getRequestId())
        .toList();
  }

  @Test
  void bringsOneInstructionTogetherAndLikeLengthsWithinIt() throws Exception {
    var window = window(10);
    window.open();
    window.processElement(prompt("b-long", "b", "four"));
    window.processElement(prompt("a-long", "a", "four"));
    window.processElement(prompt("b-short", "b", "x"));
    window.processElement(prompt("a-short", "a", "x"));
    assertThat(ids(window)).isEmpty();
    window.endInput();
    assertThat(ids(window)).containsExactly("a-short", "a-long", "b-short", "b-long");
  }

  @Test
  void whatCameTooLateForARunLeavesWithTheNextAndNobodyStarves() throws Exception {
    var window = window(1);
    window.open();
    window.processElement(prompt("m", "m", ""));
    window.processElement(prompt("z", "z", "")); // m leaves
    window.processElement(prompt("a", "a", "")); // z leaves, although a is less
    window.processElement(prompt("b", "b", "")); // a begins the next run
    assertThat(ids(window)).containsExactly("m", "z", "a");
    window.endInput();
    assertThat(ids(window)).containsExactly("m", "z", "a", "b");
  }

  @Test
  void eachPromptIsHereOrBehindAtEveryCheckpointAndOnce() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    List<String> left = new ArrayList<>();
    OperatorSubtaskState state = null;
    for (int life = 0; life < 5; life++) {
      var window = window(8);
      if (state != null) {
        window.initializeState(state);
      }
      window.open();
      for (int i = 0; i < 20; i++) {
        window.processElement(
            prompt(life + "-" + i, "i" + random.nextInt(3), "x".repeat(random.nextInt(9))));
      }
      state = window.snapshot(1, 1);
      left.addAll(ids(window));
      if (life == 4) {
        int before = ids(window).size();
        window.endInput();
        left.addAll(ids(window).subList(before, ids(window).size()));
      }
    }
    assertThat(left).hasSize(100);
    assertThat(new HashSet<>(left)).hasSize(100);
  }

  @Test
  void refusesAWindowOfNothing() {
    assertThatThrownBy(() -> new PromptWindow(0)).hasMessageContaining("1 or more");
  }

  @Test
  void equalQuestionsHaveEqualIdsAndOthersOthers() {
    QuestionId ids = new QuestionId("model a");
    assertThat(ids.of("system", "user")).isEqualTo(new QuestionId("model a").of("system", "user"));
    assertThat(
            List.of(
                ids.of("system", "user"),
                ids.of("systemuser", ""),
                ids.of("system", "other"),
                ids.of("user"),
                new QuestionId("model b").of("system", "user")))
        .doesNotHaveDuplicates();
  }
}
