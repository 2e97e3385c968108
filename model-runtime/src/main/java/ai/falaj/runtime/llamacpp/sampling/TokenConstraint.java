package ai.falaj.runtime.llamacpp.sampling;

/**
 * Which tokens may come next in one answer. Holds that answer's state. Confined to the thread that
 * decodes.
 */
public interface TokenConstraint extends AutoCloseable {

  /** Whether the token may come next. Costs far less than {@link #mask}. */
  boolean allows(int token);

  /** Sets the logits of all tokens that may not come next to negative infinity. */
  void mask(float[] logits);

  /**
   * The token came next.
   *
   * @throws IllegalStateException if it was not allowed
   */
  void accept(int token);

  /** Frees native memory. Calling it again does nothing. */
  @Override
  void close();
}
