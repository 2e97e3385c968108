package ai.falaj.benchmarks.engine;

import java.util.List;

/**
 * What both ways did. Rates are generated tokens per second of the whole round, prefill included.
 *
 * @param schedulerTokensPerSecond median over the rounds
 * @param bareLoopTokensPerSecond median over the rounds
 * @param ratio median of the rounds' ratios of scheduler to bare loop
 */
public record EngineReport(
    EngineLoad load,
    String model,
    String engineVersion,
    List<String> devices,
    double schedulerTokensPerSecond,
    double bareLoopTokensPerSecond,
    double ratio,
    List<Round> rounds) {

  /** One round: both ways in turn. */
  public record Round(double schedulerTokensPerSecond, double bareLoopTokensPerSecond) {
    double ratio() {
      return schedulerTokensPerSecond / bareLoopTokensPerSecond;
    }
  }
}
