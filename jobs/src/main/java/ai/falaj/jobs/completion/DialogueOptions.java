package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.ConversationOptions;
import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.SummaryOptions;
import ai.falaj.operators.ToolOptions;
import ai.falaj.schemas.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** Options for conversations and for tools; a part of {@link CompletionOptions}. */
public final class DialogueOptions {

  public static final ConfigOption<Duration> CONVERSATION_TIME =
      key("falaj.conversations.time-to-live")
          .durationType()
          .defaultValue(InferenceOptions.DEFAULT.conversations().timeToLive())
          .withDescription(
              "How long a conversation is kept after its last turn; requests with a conversation_id"
                  + " then bring their new messages only, and run one after the other. Takes state"
                  + " per conversation, and a network exchange by record key. 0: off, requests bring"
                  + " the whole conversation.");

  public static final ConfigOption<Integer> CONVERSATION_TOKENS =
      key("falaj.conversations.max-tokens")
          .intType()
          .defaultValue(InferenceOptions.DEFAULT.conversations().maxTokens())
          .withDescription(
              "Estimated tokens of the turns that are kept; what becomes of older ones, see"
                  + " falaj.conversations.on-overflow. The system message and the newest turn always"
                  + " are. More remembers longer and leaves less of the context to the answer.");

  public static final ConfigOption<ConversationOptions.OnOverflow> CONVERSATION_OVERFLOW =
      key("falaj.conversations.on-overflow")
          .enumType(ConversationOptions.OnOverflow.class)
          .defaultValue(InferenceOptions.DEFAULT.conversations().onOverflow())
          .withDescription(
              "TRUNCATE drops the oldest turns whole; SUMMARIZE has a model write a summary in their"
                  + " place, which costs a generation now and then, and the next turn waits for it.");

  public static final ConfigOption<String> SUMMARY_MODEL =
      key("falaj.conversations.summary.model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Which of the job's models writes summaries. Not set: the one that answered last, which"
                  + " has the beginning of the prompt in its cache.");

  public static final ConfigOption<Integer> SUMMARY_TOKENS =
      key("falaj.conversations.summary.max-tokens")
          .intType()
          .defaultValue(SummaryOptions.DEFAULT.maxTokens())
          .withDescription(
              "max_tokens of a summary, reasoning included; at most half of"
                  + " falaj.conversations.max-tokens. More keeps more of what was said and takes"
                  + " longer.");

  public static final ConfigOption<String> SUMMARY_INSTRUCTION =
      key("falaj.conversations.summary.instruction")
          .stringType()
          .defaultValue(SummaryOptions.DEFAULT.instruction())
          .withDescription(
              "What the model is told after the turns that it is to summarise, as a message of the"
                  + " user.");

  public static final ConfigOption<Boolean> TOOLS_ENABLED =
      key("falaj.tools.enabled")
          .booleanType()
          .defaultValue(InferenceOptions.DEFAULT.tools().enabled())
          .withDescription(
              "Whether requests may bring tools. Their calls go to one topic and come back on"
                  + " another; takes a network exchange by record key.");

  public static final ConfigOption<Duration> TOOLS_TIMEOUT =
      key("falaj.tools.timeout")
          .durationType()
          .defaultValue(InferenceOptions.DEFAULT.tools().timeout())
          .withDescription(
              "How long a model waits for the tools of one round; a restart of the job begins it"
                  + " anew. Longer bears slower tools, and keeps requests in state when one is gone.");

  public static final ConfigOption<ToolOptions.OnTimeout> TOOLS_ON_TIMEOUT =
      key("falaj.tools.on-timeout")
          .enumType(ToolOptions.OnTimeout.class)
          .defaultValue(InferenceOptions.DEFAULT.tools().onTimeout())
          .withDescription(
              "TELL_MODEL lets the model answer without the tool, and perhaps make something up;"
                  + " DEAD_LETTER gives the request up.");

  public static final ConfigOption<Integer> TOOLS_MAX_ROUNDS =
      key("falaj.tools.max-rounds")
          .intType()
          .defaultValue(InferenceOptions.DEFAULT.tools().maxRounds())
          .withDescription(
              "How often a request may call tools; one that wants more becomes a dead letter. More"
                  + " lets models work longer, and those that go in circles cost more.");

  public static final ConfigOption<DeliveryGuarantee> TOOLS_DELIVERY =
      key("falaj.tools.delivery-guarantee")
          .enumType(DeliveryGuarantee.class)
          .defaultValue(DeliveryGuarantee.AT_LEAST_ONCE)
          .withDescription(
              "Of tool requests. AT_LEAST_ONCE sends them at once, and some twice after a failure,"
                  + " under the same tool_request_id where it is the same call; EXACTLY_ONCE shows"
                  + " them with the next checkpoint, which each round then waits for.");

  public static final ConfigOption<Integer> MAX_PARKED =
      key("falaj.inference.max-parked")
          .intType()
          .defaultValue(InferenceOptions.DEFAULT.maxParked())
          .withDescription(
              "Requests of one subtask that wait for tools or for the turn before them, beside"
                  + " falaj.inference.max-in-flight. Beyond it prompts are read slowly, but not"
                  + " never, as the answers of tools come behind them. More takes more state; less"
                  + " than tool calls per second times their seconds slows prompts for nothing.");

  public static final ConfigOption<String> TOOL_REQUESTS_TOPIC =
      key("falaj.topic.tool-requests")
          .stringType()
          .defaultValue(Topics.TOOL_REQUESTS)
          .withDescription("Topic for the tools that models call.");

  public static final ConfigOption<String> TOOL_RESPONSES_TOPIC =
      key("falaj.topic.tool-responses")
          .stringType()
          .defaultValue(Topics.TOOL_RESPONSES)
          .withDescription("Topic that the answers of tools are read from.");

  private DialogueOptions() {}

  /** For documentation and for finding misspelt ones. */
  static List<ConfigOption<?>> all() {
    return List.of(
        CONVERSATION_TIME,
        CONVERSATION_TOKENS,
        CONVERSATION_OVERFLOW,
        SUMMARY_MODEL,
        SUMMARY_TOKENS,
        SUMMARY_INSTRUCTION,
        TOOLS_ENABLED,
        TOOL_REQUESTS_TOPIC,
        TOOL_RESPONSES_TOPIC,
        TOOLS_TIMEOUT,
        TOOLS_ON_TIMEOUT,
        TOOLS_MAX_ROUNDS,
        TOOLS_DELIVERY,
        MAX_PARKED);
  }
}
