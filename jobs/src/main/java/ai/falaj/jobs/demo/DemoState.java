package ai.falaj.jobs.demo;

import java.util.List;

/**
 * Everything a picture of the demo shows, at one instant. Immutable.
 *
 * @param model name of the model
 * @param sent requests sent so far
 * @param answered requests with a completion or dead letter
 * @param deadLettered requests with a dead letter
 * @param streaming requests whose text is being written
 * @param tokensPerSecond completion tokens per second, lately
 * @param elapsedMs since the first request was sent
 * @param panes what to show, most important first
 * @param batchLabel what {@code batchSizes} counts
 * @param batchSizes samples so far, oldest first
 */
record DemoState(
    String model,
    int sent,
    int answered,
    int deadLettered,
    int streaming,
    double tokensPerSecond,
    long elapsedMs,
    List<Pane> panes,
    String batchLabel,
    List<Double> batchSizes) {

  DemoState {
    panes = List.copyOf(panes);
    batchSizes = List.copyOf(batchSizes);
  }

  /**
   * One request on show.
   *
   * @param note why it ended, or why it failed; empty while it goes on
   */
  record Pane(
      String label,
      String title,
      TrackedRequest.Status status,
      int tokens,
      String reasoning,
      String answer,
      String note) {}
}
