package ai.falaj.operators.reasoning;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.testing.ScriptedReply;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Models that hold each problem at a stage of its own until they are told otherwise: they keep
 * silent there. Every problem is hard, and the judge prefers the later candidate. Any thread.
 */
final class HeldRecipe {

  /** Where a problem can wait, with a part of the ids of the calls that are held there. */
  enum Stage {
    TOPICS("#topics"),
    PLAN("#plan"),
    SOLVE("#1/3"),
    JUDGE_1("#judge-1"),
    JUDGE_2("#judge-2");

    private final String suffix;

    Stage(String suffix) {
      this.suffix = suffix;
    }

    /** The one after it; empty: the answer. */
    Optional<Stage> next() {
      return ordinal() + 1 < values().length
          ? Optional.of(values()[ordinal() + 1])
          : Optional.empty();
    }
  }

  private final Set<String> silent = ConcurrentHashMap.newKeySet();
  private final ScriptedRuntimeSpec spec;
  private volatile Function<String, Optional<Stage>> held = problem -> Optional.empty();

  /**
   * @param model unique in the JVM
   */
  HeldRecipe(String model) {
    spec = ScriptedRuntimeSpec.of(model, this::reply);
  }

  ScriptedRuntimeSpec spec() {
    return spec;
  }

  /**
   * From now on; between two jobs.
   *
   * @param stages by problem; empty: it is not held
   */
  void hold(Function<String, Optional<Stage>> stages) {
    silent.clear();
    held = stages;
  }

  /** Problems that are held. */
  int holding() {
    return silent.size();
  }

  private ScriptedReply reply(GenerationRequest request) {
    String id = request.requestId();
    String problem = id.substring(0, id.indexOf('#'));
    if (held.apply(problem).filter(stage -> id.endsWith(stage.suffix)).isPresent()) {
      silent.add(problem);
      return new ScriptedReply.Silence();
    }
    if (id.endsWith(Stage.TOPICS.suffix)) {
      return ScriptedReply.answer(
          "{\"is_hard_problem\": true, \"plan\": \"\", \"search_list\": [\"water\"]}");
    }
    if (id.endsWith(Stage.PLAN.suffix)) {
      return ScriptedReply.answer("<plan>plan of " + problem + "</plan>");
    }
    if (id.contains("#judge")) {
      return ScriptedReply.answer("{\"index\": 1, \"explanation\": \"later\"}");
    }
    return new ScriptedReply.Text("hm", "answer " + CandidateId.parse(id).index());
  }
}
