package ai.falaj.benchmarks.report;

import ai.falaj.runtime.RuntimeInfo;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * What a benchmark came to.
 *
 * @param benchmark its command after {@code falaj bench}
 * @param date of the run, UTC
 * @param load what was run
 * @param rounds what was measured, in order of time
 */
public record BenchmarkReport<L, R>(
    String benchmark,
    String date,
    Machine machine,
    String model,
    String engine,
    L load,
    List<Verdict> verdicts,
    List<R> rounds) {

  public BenchmarkReport {
    verdicts = List.copyOf(verdicts);
    rounds = List.copyOf(rounds);
  }

  /** A report of now and here. */
  public static <L, R> BenchmarkReport<L, R> of(
      String benchmark, RuntimeInfo info, L load, List<Verdict> verdicts, List<R> rounds) {
    return new BenchmarkReport<>(
        benchmark,
        LocalDate.now(ZoneOffset.UTC).toString(),
        Machine.here(),
        info.model(),
        info.engine() + " " + info.engineVersion(),
        load,
        verdicts,
        rounds);
  }

  public boolean allMet() {
    return verdicts.stream().allMatch(Verdict::met);
  }
}
