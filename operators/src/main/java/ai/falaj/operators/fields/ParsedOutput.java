package ai.falaj.operators.fields;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** A model's text after it was read: its values, or what is wrong with it. Immutable. */
public sealed interface ParsedOutput {

  /**
   * @param values one per field, in their order, of the Java type that {@link OutputType} names or
   *     null
   */
  record Values(List<Object> values) implements ParsedOutput {
    public Values {
      values = Collections.unmodifiableList(new ArrayList<>(values));
    }
  }

  /** Not what the fields say. */
  record Invalid(OutputProblem problem) implements ParsedOutput {
    public Invalid {
      Objects.requireNonNull(problem, "problem");
    }

    public OutputErrorCode code() {
      return problem.code();
    }

    public String message() {
      return problem.message();
    }
  }
}
