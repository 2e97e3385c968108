package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.GenerationRequest;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One request to a server.
 *
 * @param model as the server names it
 * @param samples answers that this one request is to bring
 * @param seed of the first of them
 * @param maxTokens what is left of the request's bound
 * @param begun what there is of the answer already
 * @param extra fields that the endpoint's owner wants in every request; those of the request win
 */
public record WireCall(
    GenerationRequest request,
    String model,
    int samples,
    long seed,
    OptionalInt maxTokens,
    Optional<BegunAnswer> begun,
    ObjectNode extra) {

  /** The text of an answer that was interrupted. */
  public record BegunAnswer(String reasoning, String answer) {}
}
