package ai.falaj.jobs.bench.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PredictLogTest {

  private final PredictLog log = PredictLog.begin(List.of("a", "b"));

  @Test
  void keepsAnswersInTheOrderOfTheirPrompts() {
    assertThat(PredictLog.current()).isSameAs(log);
    assertThat(log.send(1)).isEqualTo("b");
    assertThat(log.send(0)).isEqualTo("a");
    log.answer(1, "to b");
    log.answer(0, "to a");

    assertThat(log.answers()).containsExactly("to a", "to b");
    assertThat(log.wallMs()).isGreaterThanOrEqualTo(log.answerP95Ms()).isPositive();
  }

  @Test
  void refusesRowsThatAreAnsweredTwiceOrNever() {
    log.send(0);
    log.answer(0, "to a");

    assertThatIllegalStateException()
        .isThrownBy(() -> log.answer(0, "again"))
        .withMessage("row 0 was answered twice");
    assertThatIllegalStateException()
        .isThrownBy(log::answers)
        .withMessage("row 1 was not answered");
  }

  @Test
  void sharesWhatIsInFlightBetweenSubtasks() {
    List<Map<String, String>> models = OpenAiProvider.models(3, "http://host/v1", "m", Map.of());

    assertThat(new PredictRun(models, List.of("a"), 16, 2).inFlightPerSubtask()).isEqualTo(3);
    assertThat(models).extracting(model -> model.get("api-key")).doesNotHaveDuplicates();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PredictRun(models, List.of(), 16, 2))
        .withMessageContaining("0 prompts");
  }
}
