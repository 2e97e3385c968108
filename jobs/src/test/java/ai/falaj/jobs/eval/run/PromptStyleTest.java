package ai.falaj.jobs.eval.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.eval.data.Problem;
import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.jobs.eval.grading.AnswerKind;
import ai.falaj.schemas.ChatMessage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromptStyleTest {

  private static final Problem SUM =
      new Problem("sum", "How much is 2 + 2?", AnswerKey.of(AnswerKind.NUMBER, "4"));

  @Test
  void asksForABoxAndSaysNothingElse() {
    assertThat(PromptStyle.PLAIN.messages(SUM, Optional.empty()))
        .containsExactly(
            new ChatMessage(
                "user",
                "How much is 2 + 2?\n\n"
                    + "Reason step by step, and write the final number within \\boxed{}."));
  }

  @Test
  void listsTheChoices() {
    Problem choice =
        new Problem(
            "c", "Which?", new AnswerKey(AnswerKind.CHOICE, "B", List.of("a falaj", "a river")));

    assertThat(PromptStyle.PLAIN.messages(choice, Optional.empty()).get(0).getContent())
        .startsWith("Which?\n\nA) a falaj\nB) a river\n\n")
        .endsWith("the letter of the right choice within \\boxed{}.");
  }

  @Test
  void setsK2ThinksTagsForK2Think() {
    assertThat(PromptStyle.of("k2-think")).isEqualTo(PromptStyle.K2_THINK);
    assertThat(PromptStyle.of("/models/K2_Think-Q4_K_M.gguf")).isEqualTo(PromptStyle.K2_THINK);
    assertThat(PromptStyle.of("smollm2-135m-instruct")).isEqualTo(PromptStyle.PLAIN);
    assertThat(PromptStyle.K2_THINK.messages(SUM, Optional.empty()))
        .extracting(ChatMessage::getRole)
        .containsExactly("system", "user");
  }

  @Test
  void takesTheUsersSystemPromptOrNone() {
    assertThat(PromptStyle.K2_THINK.messages(SUM, Optional.of("Be brief.")).get(0))
        .isEqualTo(new ChatMessage("system", "Be brief."));
    assertThat(PromptStyle.K2_THINK.messages(SUM, Optional.of(""))).hasSize(1);
  }
}
