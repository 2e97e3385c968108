package ai.falaj.benchmarks.simulation.cost;

import ai.falaj.runtime.llamacpp.KvLayout;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;

/**
 * A machine with a model on it, as the simulation knows it. Its costs are either measured or
 * derived from a data sheet.
 *
 * @param sources where each figure comes from
 * @param maxSequences slots that fit into the machine's memory beside the weights
 * @param microBatchTokens most tokens of a graph
 * @param rooflineOrNull null: the costs are measured
 * @param costsOrNull null: the costs follow from the roofline
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HardwareProfile(
    String name,
    String description,
    List<String> sources,
    int maxSequences,
    int contextTokensPerSequence,
    KvLayout kvLayout,
    int microBatchTokens,
    @JsonProperty("roofline") Roofline rooflineOrNull,
    @JsonProperty("costs") StepCosts costsOrNull) {

  public HardwareProfile {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(kvLayout, "kvLayout");
    sources = List.copyOf(sources);
    if (maxSequences < 1 || contextTokensPerSequence < 2) {
      throw new IllegalArgumentException(
          "%d sequences of %d tokens; a sequence holds a prompt and a token, and there is one"
              .formatted(maxSequences, contextTokensPerSequence));
    }
    if ((rooflineOrNull == null) == (costsOrNull == null)) {
      throw new IllegalArgumentException("a profile has either a roofline or measured costs");
    }
  }

  public StepCosts costs() {
    return costsOrNull != null ? costsOrNull : rooflineOrNull.toCosts();
  }

  public StepCostModel costModel() {
    return new StepCostModel(costs(), kvLayout, microBatchTokens);
  }
}
