package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.eval.data.Problem;
import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.schemas.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How a problem is put to a model. */
public enum PromptStyle {
  /** The problem and what is asked for; nothing else. */
  PLAIN(null),

  /** With the system prompt that K2 Think is published with, which sets its tags. */
  K2_THINK(
      "You are K2-Think, a helpful assistant trained by MBZUAI. To answer the user's question, you"
          + " first think about the reasoning process and then provide the user with the answer."
          + " The reasoning process and answer are enclosed within <think> </think> and <answer>"
          + " </answer> tags, respectively, i.e., <think> reasoning process here </think> <answer>"
          + " answer here </answer>.");

  /** Changes with every change of a prompt: results of different prompts are not one run. */
  public static final int VERSION = 1;

  private final String system;

  PromptStyle(String system) {
    this.system = system;
  }

  /** The style that a model of this name is used with. */
  public static PromptStyle of(String model) {
    String name = model.toLowerCase(Locale.ROOT).replace('_', '-');
    return name.contains("k2-think") ? K2_THINK : PLAIN;
  }

  /** The system prompt, where there is one. */
  public Optional<String> system() {
    return Optional.ofNullable(system);
  }

  /**
   * The turns of a prompt.
   *
   * @param ownSystem in place of this style's system prompt; empty for none at all
   */
  public List<ChatMessage> messages(Problem problem, Optional<String> ownSystem) {
    List<ChatMessage> messages = new ArrayList<>();
    ownSystem
        .or(this::system)
        .filter(text -> !text.isBlank())
        .ifPresent(text -> messages.add(new ChatMessage("system", text)));
    messages.add(new ChatMessage("user", question(problem)));
    return messages;
  }

  private static String question(Problem problem) {
    return switch (problem.key().kind()) {
      case NUMBER ->
          problem.question()
              + "\n\nReason step by step, and write the final number within \\boxed{}.";
      case EXPRESSION ->
          problem.question()
              + "\n\nReason step by step, and write the final answer within \\boxed{}.";
      case CHOICE ->
          problem.question()
              + "\n\n"
              + choices(problem.key())
              + "\nReason step by step, and write the letter of the right choice within \\boxed{}.";
    };
  }

  private static String choices(AnswerKey key) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < key.choices().size(); i++) {
      lines.append(AnswerKey.letter(i)).append(") ").append(key.choices().get(i)).append('\n');
    }
    return lines.toString();
  }
}
