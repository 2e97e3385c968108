package ai.falaj.runtime;

/** A request that was submitted. Any thread. */
public interface GenerationHandle {

  String requestId();

  /**
   * Asks for the end of this generation. It ends within one step with {@link
   * FinishReason#CANCELLED} and the text so far, unless it ended otherwise before. Calling it again
   * does nothing.
   */
  void cancel();
}
