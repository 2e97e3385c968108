package ai.falaj.operators.reasoning;

import ai.falaj.operators.PromptRecord;
import java.util.Objects;

/**
 * Follows a problem until it meets it.
 *
 * @param key of the problem
 * @param tombstone the client's cancellation
 */
public record ProblemCancellation(String key, PromptRecord tombstone) implements ProblemEvent {

  public ProblemCancellation {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(tombstone, "tombstone");
  }
}
