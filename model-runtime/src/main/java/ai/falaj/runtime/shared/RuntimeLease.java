package ai.falaj.runtime.shared;

import ai.falaj.runtime.ModelRuntime;

/** The right to use a shared runtime until it is closed. Any thread. */
public interface RuntimeLease extends AutoCloseable {

  /**
   * @throws IllegalStateException after {@link #close()}
   */
  ModelRuntime runtime();

  /**
   * Gives the runtime back; the last one to do so starts its linger time. Calling it again does
   * nothing.
   */
  @Override
  void close();

  /**
   * Gives a runtime back that no longer works: whoever acquires the spec from now on loads anew,
   * and the broken one is closed as soon as its last user has left, without linger. Like {@link
   * #close()}, it does nothing after the lease was given back.
   */
  void discard();
}
