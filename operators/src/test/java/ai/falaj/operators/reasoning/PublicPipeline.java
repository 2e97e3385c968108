package ai.falaj.operators.reasoning;

import ai.falaj.operators.reasoning.RecipeScript.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which calls K2 Think's public pipeline (MBZUAI-IFM/K2-Think-Inference) makes for a question, and
 * which candidate it returns: an account of what its code does, one call after the other, with our
 * words in the prompts. What is waited for and what fails is the script's to say.
 */
final class PublicPipeline {

  /** What stands for a candidate that is not there. */
  static final String NO_ANSWER = "No answer.";

  private final RecipeScript script;
  private final ReasoningPrompts prompts = ReasoningPrompts.DEFAULT;
  private final List<AskedCall> calls = new ArrayList<>();

  PublicPipeline(RecipeScript script) {
    this.script = script;
  }

  List<AskedCall> calls() {
    return calls;
  }

  /**
   * Each sample plans for itself, solves, and may fail; then the first candidate is compared with
   * each of the others, also with those that are not there.
   *
   * @return the index of the candidate that is returned; empty where it raises an error
   */
  Optional<Integer> run(String question, int samples) {
    List<Optional<String>> answers = new ArrayList<>();
    for (int sample = 0; sample < samples; sample++) {
      answers.add(sample(question, sample));
    }
    if (answers.stream().allMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    int best = 0;
    for (int index = 1; index < samples; index++) {
      String first = answers.get(best).orElse(NO_ANSWER);
      String second = answers.get(index).orElse(NO_ANSWER);
      calls.add(
          AskedCall.of("judge", prompts.judgeSystem(), prompts.compare(question, first, second)));
      if (script.verdict(first, second) == 1) {
        best = index;
      }
    }
    return Optional.of(best);
  }

  private Optional<String> sample(String question, int sample) {
    calls.add(AskedCall.of("planner", "", prompts.topics(question)));
    Optional<Topics> topics = script.topics(sample);
    if (topics.isEmpty()) {
      return Optional.empty(); // an error of the planner is an error of the sample
    }
    String prompt = question;
    if (topics.get().hard()) {
      String list = JsonReplies.list(topics.get().list());
      calls.add(AskedCall.of("planner", "", prompts.plan(question, list)));
      prompt = prompts.solve(question, script.plan(sample));
    }
    calls.add(AskedCall.of("solver", prompts.solverSystem(), prompt));
    return script.answer(sample);
  }
}
