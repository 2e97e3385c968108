package ai.falaj.runtime;

/**
 * Hears of one generation, on the runtime's own thread: implementations hand over and return, and
 * never block.
 *
 * <p>Of a request that resumes an interrupted generation, the given tokens come first: after {@code
 * onStarted}, sample by sample, as deltas of one token each, with the text segments that they
 * completed when they were generated and their given logprobs; an engine that does not show its
 * tokens tells them in the pieces of {@link Resumption.Told}. A listener that held the text of the
 * first tokens may so count tokens and skip.
 *
 * <p>The order of calls is {@code (onServedBy? onStarted)? onTokens* (onFinished | onFailed)};
 * exactly one of the last two is called, exactly once, and nothing after it. An exception from a
 * listener is logged and does not disturb other requests.
 */
public interface GenerationListener {

  /**
   * Which model makes the tokens, where the runtime's may change while it serves; before {@link
   * #onStarted}, if at all. A {@link Resumption} must name the model that made its tokens. Not told
   * by others: {@link ModelRuntime#info()} tells.
   */
  default void onServedBy(RuntimeInfo model) {}

  /** The request left the waiting queue; its prompt is being prefilled. */
  default void onStarted() {}

  /** New tokens, at least one. */
  void onTokens(TokenDelta delta);

  void onFinished(GenerationResult result);

  /** The request produced no result. */
  void onFailed(GenerationException failure);
}
