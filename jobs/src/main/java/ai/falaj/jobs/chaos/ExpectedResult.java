package ai.falaj.jobs.chaos;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionSample;
import java.util.List;

/**
 * What must come of a prompt.
 *
 * @param requestId of the prompt
 * @param fate what kind of result
 * @param samples that the prompt asks for
 * @param answers text of each sample; empty where the model's words are not known before
 */
record ExpectedResult(String requestId, Fate fate, int samples, List<String> answers) {

  /** How a prompt may end. */
  enum Fate {
    /** As a completion. */
    ANSWERED,
    /** As a completion that may be cut short: it is cancelled some time after it was sent. */
    CANCELLED,
    /** As a dead letter: there is something wrong with it. */
    REFUSED
  }

  ExpectedResult {
    answers = List.copyOf(answers);
    if (!answers.isEmpty() && answers.size() != samples) {
      throw new IllegalArgumentException(
          "%d answers for %d samples of %s".formatted(answers.size(), samples, requestId));
    }
  }

  /** Whether a completion is right. */
  boolean allows(Completion completion) {
    if (fate == Fate.REFUSED) {
      return false;
    }
    List<String> texts = texts(completion);
    if (texts.size() != samples) {
      return false;
    }
    for (int sample = 0; sample < answers.size(); sample++) {
      String expected = answers.get(sample);
      String text = texts.get(sample);
      if (fate == Fate.CANCELLED ? !expected.startsWith(text) : !expected.equals(text)) {
        return false;
      }
    }
    return true;
  }

  private static List<String> texts(Completion completion) {
    return completion.getSamples().isEmpty()
        ? List.of(completion.getAnswer())
        : completion.getSamples().stream().map(CompletionSample::getAnswer).toList();
  }
}
