package ai.falaj.operators.sql;

/** Fails the job where the strategy is to fail over; its message holds no prompt. */
final class PredictionException extends Exception {

  private static final long serialVersionUID = 1L;

  PredictionException(PredictionFailure failure) {
    super(failure.code() + ": " + failure.message());
  }
}
