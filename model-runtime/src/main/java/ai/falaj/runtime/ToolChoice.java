package ai.falaj.runtime;

/** Whether a model that is given tools must call one. */
public sealed interface ToolChoice {

  /** The model decides. */
  ToolChoice AUTO = new Auto();

  /** It answers without a call. */
  ToolChoice NONE = new None();

  /** It calls one or more, whichever. */
  ToolChoice REQUIRED = new Required();

  /** The model decides. */
  record Auto() implements ToolChoice {}

  /** It answers without a call. */
  record None() implements ToolChoice {}

  /** It calls one or more, whichever. */
  record Required() implements ToolChoice {}

  /**
   * It calls this one.
   *
   * @param tool name of a {@link ToolDefinition} of the same request
   */
  record Named(String tool) implements ToolChoice {
    public Named {
      ToolDefinition.requireName(tool);
    }
  }
}
