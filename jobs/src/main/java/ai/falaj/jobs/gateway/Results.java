package ai.falaj.jobs.gateway;

/** Tells those who wait what becomes of their requests. Any thread. */
interface Results {

  /**
   * Lets a listener hear of a request, from before its prompt is written on.
   *
   * @param requestId which is the key of its prompt too
   */
  void register(String requestId, ResultListener listener);

  /** Lets it hear no more. */
  void remove(String requestId);

  /** Whether results are read; a request that comes meanwhile might wait in vain. */
  boolean isReading();
}
