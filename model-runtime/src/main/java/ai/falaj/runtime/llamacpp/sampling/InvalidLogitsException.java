package ai.falaj.runtime.llamacpp.sampling;

/**
 * A row of logits from which no token can be chosen: one of them is not a number, or none is above
 * negative infinity. The model or its kernels computed nonsense for this sequence; others are not
 * concerned.
 */
public final class InvalidLogitsException extends IllegalStateException {

  private static final long serialVersionUID = 1;

  InvalidLogitsException(String message) {
    super(message);
  }
}
