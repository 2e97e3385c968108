package ai.falaj.operators.sql;

import java.util.Objects;

/**
 * Why a row has no prediction.
 *
 * @param code of {@link ai.falaj.runtime.RuntimeErrorCode}, of {@link
 *     ai.falaj.operators.fields.OutputErrorCode}, {@link #EMPTY_PROMPT}, {@link #TIMEOUT} or {@link
 *     #RETRIES_EXHAUSTED}
 * @param message may show a part of the answer, never of the prompt
 */
record PredictionFailure(String code, String message) {

  static final String EMPTY_PROMPT = "EMPTY_PROMPT";
  static final String INVALID_PARAMETER = "INVALID_PARAMETER";
  static final String TIMEOUT = "TIMEOUT";
  static final String RETRIES_EXHAUSTED = "RETRIES_EXHAUSTED";

  PredictionFailure {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(message, "message");
  }
}
