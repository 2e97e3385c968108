package ai.falaj.runtime;

import java.util.List;
import java.util.Map;

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
   * <p>A request with a {@link Resumption} goes on where an interrupted generation of it ended: its
   * given tokens are prefilled together with the prompt, told again as {@link GenerationListener}
   * says, and count as if they were generated now: toward {@code maxTokens}, usage, penalties, stop
   * strings, the output format and the reasoning budget. The result is the one that the
   * uninterrupted generation would have given, as far as the kernels compute the same numbers for a
   * token that is prefilled and one that is decoded. A sample that the given tokens already ended
   * computes nothing; where they ended all samples, the request finishes without a step. Tokens
   * that this model cannot have made, those of another model's file and those that the output
   * format does not allow fail with {@link RuntimeErrorCode#CANNOT_RESUME}.
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

  /**
   * The models that requests may name, each with limits of its own; the first answers requests that
   * name none. The same names for the whole life of the runtime.
   */
  default List<RuntimeInfo> models() {
    return List.of(info());
  }

  /** A consistent view of the counters and gauges, at most one step old. */
  RuntimeStats stats();

  /** The same of each of {@link #models()}, by name. */
  default Map<String, RuntimeStats> statsByModel() {
    return Map.of(info().model(), stats());
  }

  /** Whether it can serve at this moment. Returns at once. */
  default RuntimeHealth health() {
    return RuntimeHealth.READY;
  }

  /** Ends all requests, frees the model and waits for both. Calling it again does nothing. */
  @Override
  void close();
}
