package ai.falaj.jobs.demo;

/** Shows the demo while it runs. Confined to the thread that reads the results. */
interface DemoDisplay extends AutoCloseable {

  /** A request got its result. */
  void ended(TrackedRequest request);

  /** Time has passed; called about twenty times a second. */
  void update(long nowMs);

  /** Gives the terminal back. */
  @Override
  void close();
}
