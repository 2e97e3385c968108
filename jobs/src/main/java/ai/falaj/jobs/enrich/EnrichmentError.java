package ai.falaj.jobs.enrich;

import ai.falaj.operators.PromptOutcome;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.fields.OutputErrorCode;
import ai.falaj.operators.fields.OutputProblem;
import ai.falaj.operators.fields.ParsedOutput;
import ai.falaj.schemas.DeadLetter;

/**
 * Why a record has no values: the code of an answer ({@link OutputErrorCode}), of the engine
 * ({@link ai.falaj.schemas.ErrorCode}), or {@value #MISSING_INPUT}.
 *
 * @param hasRow whether the record itself could be read
 */
record EnrichmentError(String code, String message, boolean hasRow) {

  /** The record has no value for a field that the prompt writes. */
  static final String MISSING_INPUT = "MISSING_INPUT";

  static EnrichmentError of(ParsedOutput.Invalid invalid) {
    return new EnrichmentError(invalid.code().name(), invalid.message(), true);
  }

  static EnrichmentError of(PromptOutcome failed) {
    DeadLetter letter = failed.deadLetter().orElseThrow();
    if (failed.prompt().content() instanceof PromptRecord.Undecodable undecodable) {
      return undecodable.code() == PromptMaker.MISSING_INPUT
          ? new EnrichmentError(MISSING_INPUT, letter.getMessage(), true)
          : new EnrichmentError(letter.getErrorCode().name(), letter.getMessage(), false);
    }
    return new EnrichmentError(letter.getErrorCode().name(), letter.getMessage(), true);
  }

  /** Of an answer that is plain text. */
  static ParsedOutput.Invalid cut() {
    return new ParsedOutput.Invalid(
        new OutputProblem(
            OutputErrorCode.TRUNCATED, "the answer was cut at max_tokens; allow it more"));
  }

  /** As the error column has it. */
  String text() {
    return code + ": " + message;
  }
}
