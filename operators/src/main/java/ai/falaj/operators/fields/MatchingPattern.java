package ai.falaj.operators.fields;

import ai.falaj.runtime.grammar.TextPattern;
import ai.falaj.runtime.grammar.UnsupportedFormatException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.Optional;

/**
 * Text in which a regular expression matches somewhere, as JSON Schema has it; {@code ^} and {@code
 * $} hold it to the whole. Only the expression travels, what is compiled of it does not. Immutable.
 */
public final class MatchingPattern implements FieldConstraint.OfText {

  private static final long serialVersionUID = 1L;

  private final String pattern;
  private final transient TextPattern compiled;

  /**
   * @throws IllegalArgumentException with the position in the pattern
   */
  public MatchingPattern(String pattern) {
    this.pattern = Objects.requireNonNull(pattern, "pattern");
    try {
      compiled = TextPattern.compile(pattern);
    } catch (UnsupportedFormatException e) {
      throw new IllegalArgumentException(
          "the pattern %s cannot be used: %s".formatted(pattern, e.getMessage()), e);
    }
  }

  public String pattern() {
    return pattern;
  }

  @Override
  public String keyword() {
    return "pattern";
  }

  @Override
  public void writeTo(ObjectNode schema, boolean nullable) {
    schema.put(keyword(), pattern);
  }

  @Override
  public Optional<OutputProblem> check(Object value) {
    return compiled.matches((String) value)
        ? Optional.empty()
        : OutputProblem.of(
            OutputErrorCode.NOT_ALLOWED,
            "'%s' does not match %s".formatted(OutputProblem.shown((String) value), pattern));
  }

  private Object readResolve() {
    return new MatchingPattern(pattern);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MatchingPattern that && that.pattern.equals(pattern);
  }

  @Override
  public int hashCode() {
    return pattern.hashCode();
  }

  @Override
  public String toString() {
    return "MatchingPattern[" + pattern + "]";
  }
}
