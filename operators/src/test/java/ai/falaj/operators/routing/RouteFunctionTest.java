package ai.falaj.operators.routing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RouteFunctionTest {

  private static final int MAX_PARALLELISM = 16;
  private static final Map<String, Route> CONFIGURED = Map.of("k2", Route.parse("k2:1"));
  private static final Set<String> MODELS = Set.of("k2", "canary", "big");

  private final List<TwoInputStreamOperatorTestHarness<PromptRecord, RouteControl, PromptRecord>>
      open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (TwoInputStreamOperatorTestHarness<?, ?, ?> harness : open) {
      harness.close();
    }
  }

  private TwoInputStreamOperatorTestHarness<PromptRecord, RouteControl, PromptRecord> harness(
      int parallelism, int subtask, OperatorSubtaskState state) throws Exception {
    TwoInputStreamOperatorTestHarness<PromptRecord, RouteControl, PromptRecord> harness =
        new TwoInputStreamOperatorTestHarness<>(
            new CoProcessOperator<>(new RouteFunction(CONFIGURED, MODELS)),
            MAX_PARALLELISM,
            parallelism,
            subtask);
    open.add(harness);
    harness.setup(InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  private static PromptRecord prompt(String id, String model) {
    PromptRequest request = Prompts.request(id, "hello");
    request.setConversationId(null);
    request.setModel(model);
    return Prompts.record(id, id, request);
  }

  private static void send(
      TwoInputStreamOperatorTestHarness<PromptRecord, RouteControl, PromptRecord> harness,
      PromptRecord prompt)
      throws Exception {
    harness.processElement1(new StreamRecord<>(prompt, 5));
  }

  private static void set(
      TwoInputStreamOperatorTestHarness<PromptRecord, RouteControl, PromptRecord> harness,
      String route,
      String split,
      long offset)
      throws Exception {
    harness.processElement2(
        new StreamRecord<>(
            new RouteControl.Change(
                "any",
                new RouteChange(
                    route, Optional.ofNullable(split).map(Route::parse), 0, offset, offset))));
  }

  private static String model(PromptRecord record) {
    return ((PromptRecord.Request) record.content()).request().getModel();
  }

  private static List<String> models(
      TwoInputStreamOperatorTestHarness<PromptRecord, RouteControl, PromptRecord> harness) {
    return harness.extractOutputValues().stream().map(RouteFunctionTest::model).toList();
  }

  @Test
  void writesTheChosenModelIntoTheRequestAndLeavesTheRestAlone() throws Exception {
    var harness = harness(1, 0, null);
    PromptRecord named = prompt("a", "k2");
    PromptRecord unnamed = prompt("b", null);
    PromptRecord direct = prompt("c", "big");
    PromptRecord nowhere = prompt("d", "gpt-5");
    set(harness, "default", "canary:1", 1);
    for (PromptRecord prompt : List.of(named, unnamed, direct, nowhere)) {
      send(harness, prompt);
    }
    send(harness, Prompts.cancellation("a"));

    List<PromptRecord> out = harness.extractOutputValues();
    assertThat(out.get(0)).isSameAs(named);
    assertThat(model(out.get(1))).isEqualTo("canary");
    assertThat(model(unnamed)).as("the record that was read").isNull();
    assertThat(out.get(1).value()).isEqualTo(unnamed.value());
    assertThat(out.get(1).origin()).isEqualTo(unnamed.origin());
    assertThat(out.get(2)).isSameAs(direct);
    assertThat(out.get(3)).isSameAs(nowhere);
    assertThat(out.get(4)).isEqualTo(Prompts.cancellation("a"));
  }

  @Test
  void keepsAConversationTogether() throws Exception {
    var harness = harness(1, 0, null);
    set(harness, "k2", "k2:50,canary:50", 1);
    for (int i = 0; i < 200; i++) {
      PromptRequest request = Prompts.request("r" + i, "hello");
      request.setConversationId("c" + i % 10);
      request.setModel("k2");
      send(harness, Prompts.record("c" + i % 10, "r" + i, request));
    }
    List<String> models = models(harness);
    assertThat(models).contains("k2", "canary");
    for (int i = 0; i < 200; i++) {
      assertThat(models.get(i)).isEqualTo(models.get(i % 10));
    }
  }

  @Test
  void changesWithTheControlAndBackWithItsRemoval() throws Exception {
    var harness = harness(1, 0, null);
    send(harness, prompt("a", "k2"));
    set(harness, "k2", "canary:1", 1);
    send(harness, prompt("a", "k2"));
    set(harness, "k2", null, 2);
    send(harness, prompt("a", "k2"));
    assertThat(models(harness)).containsExactly("k2", "canary", "k2");
  }

  @Test
  void thePromptNamesTheModelsOfItsShadows() throws Exception {
    var harness = harness(1, 0, null);
    set(harness, "k2", "k2:1 shadow big:100,canary:100", 1);
    send(harness, prompt("a", "k2"));

    assertThat(models(harness)).containsExactly("k2");
    PromptRecord.Request request =
        (PromptRecord.Request) harness.extractOutputValues().get(0).content();
    assertThat(request.shadows()).containsExactly("big", "canary");
  }

  @Test
  void aRefusedControlLeavesAsWhatBecomesADeadLetterAndChangesNothing() throws Exception {
    var harness = harness(1, 0, null);
    PromptRecord letter = Prompts.undecodable(ErrorCode.INVALID_PARAMETER, "no target");
    harness.processElement2(new StreamRecord<>(new RouteControl.Refusal(letter)));
    send(harness, prompt("a", "k2"));

    assertThat(harness.extractOutputValues().get(0)).isEqualTo(letter);
    assertThat(model(harness.extractOutputValues().get(1))).isEqualTo("k2");
  }

  @Test
  void theTableSurvivesARestore() throws Exception {
    var before = harness(1, 0, null);
    set(before, "k2", "canary:1", 1);
    set(before, "default", "big:1", 2);
    set(before, "default", null, 3);
    OperatorSubtaskState state = before.snapshot(1, 1);

    var after = harness(1, 0, state);
    send(after, prompt("a", "k2"));
    send(after, prompt("b", null));
    assertThat(models(after)).containsExactly("canary", null);
  }

  /** One subtask had applied the change at the checkpoint, the other had it on its way. */
  @Test
  void afterRescalingEverySubtaskHasTheNewestOfEachRoute() throws Exception {
    var ahead = harness(2, 0, null);
    var behind = harness(2, 1, null);
    set(ahead, "k2", "k2:1", 1);
    set(behind, "k2", "k2:1", 1);
    set(ahead, "k2", "canary:1", 2);
    OperatorSubtaskState both =
        AbstractStreamOperatorTestHarness.repackageState(
            behind.snapshot(1, 1), ahead.snapshot(1, 1));

    for (int subtask = 0; subtask < 3; subtask++) {
      OperatorSubtaskState part =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              both, MAX_PARALLELISM, 2, 3, subtask);
      var after = harness(3, subtask, part);
      send(after, prompt("a", "k2"));
      assertThat(models(after)).containsExactly("canary");
    }
  }
}
