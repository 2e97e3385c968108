package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import java.util.Objects;
import java.util.Optional;

/**
 * What is remembered of a request that was seen. Immutable.
 *
 * @param retries how often it had been sent again on purpose
 * @param completion its answer, where it has one and answers are kept
 */
public record SeenRequest(int retries, Optional<Completion> completion) {
  public SeenRequest {
    Objects.requireNonNull(completion, "completion");
  }
}
