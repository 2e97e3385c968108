package ai.falaj.jobs.bench;

import java.util.List;

/**
 * What the engine did alone and what the job did from Kafka to Kafka.
 *
 * @param engineTokensPerSecond median over the rounds: all requests submitted to the runtime, until
 *     the last has ended
 * @param pipelineTokensPerSecond median over the rounds: from the first prompt sent until the last
 *     token read
 * @param ratio median of the rounds' ratios of pipeline to engine
 */
record PipelineReport(
    PipelineLoad load,
    String model,
    String engineVersion,
    int sequences,
    int partitions,
    int parallelism,
    double engineTokensPerSecond,
    double pipelineTokensPerSecond,
    double ratio,
    List<Round> rounds) {

  /**
   * One round of both.
   *
   * @param committedAfterMs from the last token read until the last completion read, committed
   */
  record Round(
      double engineTokensPerSecond, double pipelineTokensPerSecond, long committedAfterMs) {
    double ratio() {
      return pipelineTokensPerSecond / engineTokensPerSecond;
    }
  }
}
