package ai.falaj.runtime;

/**
 * A loaded model that answers many requests at once.
 *
 * <p>All methods may be called from any thread. A runtime is shared: its users see each other only
 * through the time they wait. {@link #close()} ends every request that is still in the runtime with
 * {@link RuntimeErrorCode#RUNTIME_CLOSED}.
 */
public interface ModelRuntime extends AutoCloseable {

  /**
   * Queues a request. Returns at once; everything else, refusals included, arrives at the listener.
   *
   * @param listener told of tokens and of the end, from the runtime's own thread
   * @throws GenerationException with {@link RuntimeErrorCode#OVERLOADED} when the waiting queue is
   *     full, or {@link RuntimeErrorCode#RUNTIME_CLOSED} after {@link #close()}; the listener is
   *     not called in either case
   */
  GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException;

  /**
   * What is loaded and with which limits; the same for the whole life of the runtime, but for the
   * model's file where it is replaced while the runtime serves. {@link GenerationResult#servedBy}
   * then tells which one answered.
   */
  RuntimeInfo info();

  /** A consistent view of the counters and gauges, at most one step old. */
  RuntimeStats stats();

  /** Whether it can serve at this moment. Returns at once. */
  default RuntimeHealth health() {
    return RuntimeHealth.READY;
  }

  /** Ends all requests, frees the model and waits for both. Calling it again does nothing. */
  @Override
  void close();
}
