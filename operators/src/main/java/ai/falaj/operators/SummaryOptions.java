package ai.falaj.operators;

import java.io.Serializable;
import java.util.Objects;

/**
 * How a model summarises the turns of a conversation that there is no room for.
 *
 * @param model that writes the summary; empty: the one that answered the turn before
 * @param maxTokens of the summary, reasoning included
 * @param instruction follows the turns, as a message of the user
 */
public record SummaryOptions(String model, int maxTokens, String instruction)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final SummaryOptions DEFAULT =
      new SummaryOptions(
          "",
          512,
          "Summarise our conversation so far, for somebody who goes on with it without having seen"
              + " it. Keep names, numbers, decisions, what I asked for and what is still open."
              + " Write in the language of the conversation, and write the summary only.");

  /**
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public SummaryOptions {
    Objects.requireNonNull(model, "model");
    if (maxTokens < 1) {
      throw new IllegalArgumentException(
          "the summary's maxTokens is " + maxTokens + "; it must be 1 or more");
    }
    if (instruction.isBlank()) {
      throw new IllegalArgumentException("the summary's instruction is empty; say what to write");
    }
  }
}
