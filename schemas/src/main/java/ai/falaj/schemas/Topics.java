package ai.falaj.schemas;

/** Default names of the topics, and the subjects their schemas are registered under. */
public final class Topics {

  /** {@link PromptRequest}; key: conversation or request id. */
  public static final String PROMPTS = "falaj.prompts";

  /** {@link CompletionChunk}, at least once; key: request id. */
  public static final String CHUNKS = "falaj.chunks";

  /** {@link Completion}, exactly once; key: request id. */
  public static final String COMPLETIONS = "falaj.completions";

  /** {@link DeadLetter}, exactly once; key: request id or null. */
  public static final String DEAD_LETTERS = "falaj.dead-letters";

  /** {@link RouteUpdate}, compacted; key: the route's name. */
  public static final String ROUTES = "falaj.routes";

  /** {@link Completion}s of shadow models, at least once while the job runs; key: request id. */
  public static final String SHADOWS = "falaj.shadows";

  /** {@link ReasoningTrace}, exactly once; key: request id. */
  public static final String TRACES = "falaj.traces";

  /** {@link ToolRequest}; key: the prompt's. */
  public static final String TOOL_REQUESTS = "falaj.tool-requests";

  /** {@link ToolResponse}; key: the tool request's. */
  public static final String TOOL_RESPONSES = "falaj.tool-responses";

  /** {@link UsageWindow}, exactly once, compacted; key: window and group. */
  public static final String USAGE = "falaj.usage";

  /** {@link LabelWindow}, exactly once, compacted; key: window and group. */
  public static final String LABELS = "falaj.labels";

  /** {@link BudgetAlert}, exactly once, compacted; key: tenant, resource, period and threshold. */
  public static final String BUDGET_ALERTS = "falaj.budget-alerts";

  private Topics() {}

  /**
   * The registry's subject for the values of a topic: Confluent's {@code TopicNameStrategy}, which
   * other clients use unless told otherwise.
   */
  public static String valueSubject(String topic) {
    return topic + "-value";
  }
}
