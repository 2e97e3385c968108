package ai.falaj.jobs.completion;

import ai.falaj.operators.ConversationOptions;
import ai.falaj.operators.ConversationOptions.OnOverflow;
import ai.falaj.operators.SummaryOptions;
import java.util.Set;
import org.apache.flink.configuration.ReadableConfig;

/** Reads and checks the options of conversations. Stateless. */
final class ConversationSettings {

  private ConversationSettings() {}

  /**
   * @throws IllegalArgumentException with one line that names option, value and remedy
   */
  static ConversationOptions from(ReadableConfig config) {
    int tokens = config.get(DialogueOptions.CONVERSATION_TOKENS);
    int summaryTokens = config.get(DialogueOptions.SUMMARY_TOKENS);
    if (config.get(DialogueOptions.CONVERSATION_OVERFLOW) == OnOverflow.SUMMARIZE
        && summaryTokens > tokens / 2) {
      throw CompletionSettings.conflict(
          DialogueOptions.SUMMARY_TOKENS,
          summaryTokens,
          DialogueOptions.CONVERSATION_TOKENS,
          tokens,
          "lower the first to at most half of the second, so that turns fit beside the summary");
    }
    String instruction = config.get(DialogueOptions.SUMMARY_INSTRUCTION);
    if (instruction.isBlank()) {
      throw new IllegalArgumentException(
          DialogueOptions.SUMMARY_INSTRUCTION.key() + " is empty; say what to write, or remove it");
    }
    return new ConversationOptions(
        InferenceSettings.notNegative(config, DialogueOptions.CONVERSATION_TIME),
        tokens,
        config.get(DialogueOptions.CONVERSATION_OVERFLOW),
        new SummaryOptions(
            config.getOptional(DialogueOptions.SUMMARY_MODEL).map(String::strip).orElse(""),
            summaryTokens,
            instruction));
  }

  /**
   * @param models that the job serves
   * @throws IllegalArgumentException where summaries are to be written by another one
   */
  static void requireModel(ConversationOptions conversations, Set<String> models) {
    String model = conversations.summary().model();
    if (conversations.onOverflow() == OnOverflow.SUMMARIZE
        && !model.isEmpty()
        && !models.contains(model)) {
      throw new IllegalArgumentException(
          "%s is '%s' and the job serves %s; name one of those, or configure %s%s.model"
              .formatted(
                  DialogueOptions.SUMMARY_MODEL.key(),
                  model,
                  String.join(", ", models),
                  ModelOptions.PREFIX,
                  model));
    }
  }
}
