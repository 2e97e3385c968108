package ai.falaj.operators.routing;

import ai.falaj.operators.PromptKeys;
import ai.falaj.operators.PromptRecord;
import java.util.Objects;

/** What came of a record of the control topic, on its way to the subtasks that route. Immutable. */
public sealed interface RouteControl {

  /** Decides which subtask gets it. */
  String key();

  /**
   * A route changes. Sent to every subtask, once for each of its key groups.
   *
   * @param key of one of the key groups; the route's name where it was not copied yet
   */
  record Change(String key, RouteChange change) implements RouteControl {
    public Change {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(change, "change");
    }
  }

  /**
   * The record changes nothing, and becomes a dead letter. Sent once, to the subtask that a prompt
   * with its key would go to.
   *
   * @param letter the record as the inference operator dead-letters it
   */
  record Refusal(PromptRecord letter) implements RouteControl {
    public Refusal {
      Objects.requireNonNull(letter, "letter");
      if (!(letter.content() instanceof PromptRecord.Undecodable)) {
        throw new IllegalArgumentException("not refused: " + letter.origin());
      }
    }

    @Override
    public String key() {
      return new PromptKeys().getKey(letter);
    }
  }
}
