package ai.falaj.operators.reasoning;

import ai.falaj.operators.Deduplication;
import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.ResultOrder;
import ai.falaj.runtime.RuntimeSpec;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Which model each role has. Roles with equal specs share one runtime per TaskManager, as all
 * operators do.
 */
public record ReasoningModels(Role planner, Role solver, Role judge) {

  public ReasoningModels {
    Objects.requireNonNull(planner, "planner");
    Objects.requireNonNull(solver, "solver");
    Objects.requireNonNull(judge, "judge");
  }

  /**
   * A model and how it is asked. Calls are unordered and never repeats of one another, whatever the
   * options say.
   */
  public record Role(RuntimeSpec spec, InferenceOptions options) implements Serializable {

    private static final long serialVersionUID = 1L;

    public Role {
      Objects.requireNonNull(spec, "spec");
      options =
          options.toBuilder()
              .order(ResultOrder.UNORDERED)
              .deduplication(Deduplication.NONE)
              .build();
    }

    Role withoutChunks() {
      return new Role(spec, options.withChunks(false));
    }
  }

  /** The runtimes of all roles, each once: the solver's, the planner's, the judge's. */
  public List<RuntimeSpec> specs() {
    return Stream.of(solver, planner, judge).map(Role::spec).distinct().toList();
  }

  /** One model for everything. */
  public static ReasoningModels of(RuntimeSpec spec, InferenceOptions options) {
    Role role = new Role(spec, options);
    return new ReasoningModels(role, role, role);
  }
}
