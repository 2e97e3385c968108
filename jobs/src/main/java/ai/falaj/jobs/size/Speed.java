package ai.falaj.jobs.size;

/**
 * How fast one engine works through a load that never lets it wait.
 *
 * @param sequences generated at once
 * @param stepMs of one token of each sequence, with the share of new prompts that keeps it so
 * @param boundBy what most of a step's time goes into
 * @param completionTokensPerSecond of all sequences
 * @param decodeTokensPerSecond likewise, while no prompt is read
 * @param prefillTokensPerSecond of a prompt, while nothing is written
 * @param firstTokenMs of a record that finds the engine idle
 * @param recordSeconds from the first step of a record to its last token
 */
record Speed(
    int sequences,
    double stepMs,
    Bound boundBy,
    double recordsPerSecond,
    double completionTokensPerSecond,
    double decodeTokensPerSecond,
    double prefillTokensPerSecond,
    double firstTokenMs,
    double recordSeconds) {

  /** What a step waits for. */
  enum Bound {
    /** Reading the weights from memory. */
    WEIGHTS,
    /** Matrix products. */
    ARITHMETIC,
    /** Reading keys and values, or multiplying with them. */
    ATTENTION,
    /** Launching kernels, choosing tokens. */
    OVERHEAD
  }
}
