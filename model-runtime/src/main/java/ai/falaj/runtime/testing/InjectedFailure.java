package ai.falaj.runtime.testing;

import ai.falaj.runtime.RuntimeErrorCode;
import java.io.Serializable;
import java.util.Objects;

/**
 * Makes a {@link FakeRuntime} fail a request.
 *
 * @param requestId of the request that fails
 * @param submission which submission of this request id fails, 1 for the first; 0 for every one
 * @param afterTokens tokens that are generated before the failure
 */
public record InjectedFailure(
    String requestId, int submission, RuntimeErrorCode code, int afterTokens)
    implements Serializable {

  public static final int EVERY_SUBMISSION = 0;

  public InjectedFailure {
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(code, "code");
  }

  boolean concerns(String id, int submissionNumber) {
    return requestId.equals(id)
        && (submission == EVERY_SUBMISSION || submission == submissionNumber);
  }
}
