package ai.falaj.jobs.chaos;

import java.util.List;

/**
 * What a run came to. Lists hold request ids, sorted.
 *
 * @param sent prompts that the broker has
 * @param completed prompts with a completion
 * @param deadLettered prompts with a dead letter
 * @param tokensGenerated tokens of all chunks, over all attempts; what a process generated and did
 *     not send before it was killed is in no topic and not counted
 * @param tokensRepeated tokens that another attempt replaced
 * @param lost neither completion nor dead letter
 * @param duplicated more than one completion or dead letter
 * @param inconsistent chunks that join to something other than the completion
 * @param wrong refused though there was nothing wrong with it, answered though there was, or
 *     answered with another text than the scripted model has for it
 * @param input prompts that the prompt topic holds twice, or lost after it acknowledged them: the
 *     broker's doing, not the job's
 * @param unknown results and chunks of requests that nobody sent
 */
record LedgerBalance(
    int sent,
    int completed,
    int deadLettered,
    long tokensGenerated,
    long tokensRepeated,
    List<String> lost,
    List<String> duplicated,
    List<String> inconsistent,
    List<String> wrong,
    List<String> input,
    List<String> unknown) {

  LedgerBalance {
    lost = List.copyOf(lost);
    duplicated = List.copyOf(duplicated);
    inconsistent = List.copyOf(inconsistent);
    wrong = List.copyOf(wrong);
    input = List.copyOf(input);
    unknown = List.copyOf(unknown);
  }

  /** Whether every prompt ended once, as it should, and readers of its chunks saw the same. */
  boolean isRight() {
    return lost.isEmpty()
        && duplicated.isEmpty()
        && inconsistent.isEmpty()
        && wrong.isEmpty()
        && input.isEmpty()
        && unknown.isEmpty();
  }
}
