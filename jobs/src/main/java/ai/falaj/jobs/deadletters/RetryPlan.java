package ai.falaj.jobs.deadletters;

import java.util.ArrayList;
import java.util.List;

/**
 * What a retry does with the letters that were selected. Immutable.
 *
 * @param toSend oldest first
 * @param alreadyRetried letters that were sent before
 * @param undecided letters of which nobody can tell yet whether they were
 * @param exhausted letters whose prompts were sent again as often as is allowed
 */
record RetryPlan(List<Letter> toSend, int alreadyRetried, int undecided, int exhausted) {

  RetryPlan {
    toSend = List.copyOf(toSend);
  }

  /**
   * @param maxRetries how often a prompt may be sent again
   * @param limit most letters to send
   */
  static RetryPlan of(LetterIndex index, int maxRetries, long limit) {
    List<Letter> toSend = new ArrayList<>();
    int exhausted = 0;
    for (Letter letter : index.in(LetterState.OPEN)) {
      if (letter.retries() >= maxRetries) {
        exhausted++;
      } else if (toSend.size() < limit) {
        toSend.add(letter);
      }
    }
    return new RetryPlan(
        toSend,
        index.in(LetterState.RETRIED).size(),
        index.in(LetterState.UNDECIDED).size(),
        exhausted);
  }
}
