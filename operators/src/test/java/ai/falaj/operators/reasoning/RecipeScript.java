package ai.falaj.operators.reasoning;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.ScriptedReply;
import java.util.List;
import java.util.Optional;

/**
 * What planner, solver and judge say. A sample is known by its seed: the request's seed is {@link
 * #SEED}, and each sample's that much further on.
 */
final class RecipeScript {

  static final long SEED = 100;

  /** A sample's part in the plot. */
  enum Fate {
    ANSWERS,
    FAILS,
    HANGS
  }

  record Topics(boolean hard, List<String> list) {}

  private final boolean hard;
  private List<Fate> fates = List.of();
  private boolean plannerWorks = true;
  private String verdictFor = "";
  private int otherVerdict = 0;
  private Optional<String> rawVerdict = Optional.empty();

  private RecipeScript(boolean hard) {
    this.hard = hard;
  }

  static RecipeScript hard() {
    return new RecipeScript(true);
  }

  static RecipeScript easy() {
    return new RecipeScript(false);
  }

  RecipeScript fates(Fate... value) {
    fates = List.of(value);
    return this;
  }

  RecipeScript brokenPlanner() {
    plannerWorks = false;
    return this;
  }

  /** The judge prefers this sample's answer to any other. */
  RecipeScript prefers(int sample) {
    verdictFor = "answer " + sample;
    return this;
  }

  /** The judge says this index where it prefers neither. */
  RecipeScript otherwise(int index) {
    otherVerdict = index;
    return this;
  }

  RecipeScript judgeSays(String raw) {
    rawVerdict = Optional.of(raw);
    return this;
  }

  private Fate fate(int sample) {
    return sample < fates.size() ? fates.get(sample) : Fate.ANSWERS;
  }

  Optional<Topics> topics(int sample) {
    return plannerWorks
        ? Optional.of(new Topics(hard, List.of("sums of " + sample, "\"quoted\"")))
        : Optional.empty();
  }

  String plan(int sample) {
    return "first think of " + sample;
  }

  Optional<String> answer(int sample) {
    return fate(sample) == Fate.ANSWERS ? Optional.of("answer " + sample) : Optional.empty();
  }

  int verdict(String first, String second) {
    return second.equals(verdictFor) ? 1 : first.equals(verdictFor) ? 0 : otherVerdict;
  }

  ScriptedReply planner(GenerationRequest request) {
    int sample = sample(request);
    if (!plannerWorks) {
      return new ScriptedReply.Failure(RuntimeErrorCode.INVALID_PARAMETER);
    }
    if (request.output() instanceof OutputFormat.JsonSchema) {
      Topics topics = topics(sample).orElseThrow();
      return ScriptedReply.answer(
          "{\"is_hard_problem\": %s, \"plan\": \"none yet\", \"search_list\": %s}"
              .formatted(topics.hard(), JsonReplies.list(topics.list())));
    }
    return ScriptedReply.answer("Here it is: <plan>" + plan(sample) + "</plan>");
  }

  ScriptedReply solver(GenerationRequest request) {
    int sample = sample(request);
    return switch (fate(sample)) {
      case ANSWERS -> new ScriptedReply.Text("thoughts of " + sample, "answer " + sample);
      case FAILS -> new ScriptedReply.Failure(RuntimeErrorCode.PROMPT_TOO_LONG);
      case HANGS -> new ScriptedReply.Silence();
    };
  }

  ScriptedReply judge(GenerationRequest request) {
    String prompt = ((Prompt.Chat) request.prompt()).messages().get(1).content();
    String first = between(prompt, "Response 0: ", "\nResponse 1: ");
    String second = prompt.substring(prompt.indexOf("Response 1: ") + "Response 1: ".length());
    return ScriptedReply.answer(
        rawVerdict.orElse(
            "{\"index\": %d, \"explanation\": \"clearer\"}".formatted(verdict(first, second))));
  }

  private static String between(String text, String from, String to) {
    return text.substring(text.indexOf(from) + from.length(), text.indexOf(to));
  }

  private static int sample(GenerationRequest request) {
    return Math.toIntExact(request.sampling().seed().getAsLong() - SEED);
  }
}
