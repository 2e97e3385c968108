package ai.falaj.operators.reasoning;

import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of a call to a model: exactly one of a completion and a dead letter. Immutable;
 * nobody changes the records that it holds.
 *
 * @param problemKey of the problem that the call was made for
 * @param callId request id of the call
 */
public record CallResult(
    String problemKey,
    String callId,
    Optional<Completion> completion,
    Optional<DeadLetter> deadLetter) {

  public CallResult {
    Objects.requireNonNull(problemKey, "problemKey");
    Objects.requireNonNull(callId, "callId");
    if (completion.isPresent() == deadLetter.isPresent()) {
      throw new IllegalArgumentException("a call has one result: " + callId);
    }
  }

  /**
   * @throws IllegalStateException when no {@link Call} made the request
   */
  static CallResult of(Completion completion) {
    String problemKey = completion.getMetadata().get(Call.PROBLEM_KEY);
    if (problemKey == null) {
      throw new IllegalStateException(
          "a completion without the key of its problem: " + completion.getRequestId());
    }
    return new CallResult(
        problemKey, completion.getRequestId(), Optional.of(completion), Optional.empty());
  }

  /** A dead letter carries where the client's record was read, and so the problem's key. */
  static CallResult of(DeadLetter letter) {
    RecordOrigin origin =
        new RecordOrigin(
            letter.getSourceTopic(), letter.getSourcePartition(), letter.getSourceOffset());
    return new CallResult(
        Problem.keyOf(origin), letter.getRequestId(), Optional.empty(), Optional.of(letter));
  }

  static CallResult completed(OutputRecord<Completion> record) {
    return of(record.value());
  }

  static CallResult failed(OutputRecord<DeadLetter> record) {
    return of(record.value());
  }
}
