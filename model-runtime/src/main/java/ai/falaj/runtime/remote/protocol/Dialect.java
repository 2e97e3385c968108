package ai.falaj.runtime.remote.protocol;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * How one kind of server speaks its protocol.
 *
 * @param maxTokensField name of the bound on completion tokens
 * @param seedField name of the seed, where there is one
 * @param repetitionPenaltyField name of the repetition penalty, where there is one
 * @param reasoningBudgetField name of the bound on reasoning tokens; empty where there is none
 * @param requiredToolChoice what it calls a required tool call
 * @param maxStopStrings most stop strings that it takes
 * @param highestTemperature most that it takes
 */
public record Dialect(
    Protocol protocol,
    Set<Feature> features,
    Continuation continuation,
    Reasoning reasoning,
    String maxTokensField,
    String seedField,
    String repetitionPenaltyField,
    String reasoningBudgetField,
    String requiredToolChoice,
    int maxStopStrings,
    double highestTemperature) {

  /** What a request looks like. */
  public enum Protocol {
    OPENAI_CHAT,
    ANTHROPIC_MESSAGES
  }

  public Dialect {
    features = features.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(features));
  }

  public boolean has(Feature feature) {
    return features.contains(feature);
  }

  /** The same server, whose answers carry what the model thought elsewhere. */
  public Dialect withReasoning(Reasoning where) {
    return new Dialect(
        protocol,
        features,
        continuation,
        where,
        maxTokensField,
        seedField,
        repetitionPenaltyField,
        reasoningBudgetField,
        requiredToolChoice,
        maxStopStrings,
        highestTemperature);
  }

  /** OpenAI's names, no feature beyond text, reasoning in a field. */
  public static Builder openAi(Feature... features) {
    return new Builder(Protocol.OPENAI_CHAT, features);
  }

  public static Builder anthropic(Feature... features) {
    return new Builder(Protocol.ANTHROPIC_MESSAGES, features);
  }

  /** Starts from OpenAI's names. Confined to one thread. */
  public static final class Builder {
    private final Protocol protocol;
    private final Set<Feature> features = EnumSet.noneOf(Feature.class);
    private Continuation continuation = Continuation.NONE;
    private Reasoning reasoning = Reasoning.FIELD;
    private String maxTokensField = "max_tokens";
    private String seedField = "seed";
    private String repetitionPenaltyField = "repetition_penalty";
    private String reasoningBudgetField = "";
    private String requiredToolChoice = "required";
    private int maxStopStrings = 16;
    private double highestTemperature = 2;

    private Builder(Protocol protocol, Feature... features) {
      this.protocol = protocol;
      this.features.addAll(Arrays.asList(features));
    }

    public Builder continuation(Continuation value) {
      continuation = value;
      return this;
    }

    public Builder reasoning(Reasoning value) {
      reasoning = value;
      return this;
    }

    public Builder maxTokensField(String value) {
      maxTokensField = value;
      return this;
    }

    public Builder seedField(String value) {
      seedField = value;
      return this;
    }

    public Builder repetitionPenaltyField(String value) {
      repetitionPenaltyField = value;
      return this;
    }

    public Builder reasoningBudgetField(String value) {
      reasoningBudgetField = value;
      return this;
    }

    public Builder requiredToolChoice(String value) {
      requiredToolChoice = value;
      return this;
    }

    public Builder maxStopStrings(int value) {
      maxStopStrings = value;
      return this;
    }

    public Builder highestTemperature(double value) {
      highestTemperature = value;
      return this;
    }

    public Dialect build() {
      return new Dialect(
          protocol,
          features,
          continuation,
          reasoning,
          maxTokensField,
          seedField,
          repetitionPenaltyField,
          reasoningBudgetField,
          requiredToolChoice,
          maxStopStrings,
          highestTemperature);
    }
  }
}
