package ai.falaj.benchmarks;

import java.time.Duration;

/** Runs a way until the JIT compiler has seen it for a while. */
public final class WarmUp {

  private WarmUp() {}

  /** Something that a benchmark runs. */
  @FunctionalInterface
  public interface Run {
    void run() throws BenchmarkException, InterruptedException;
  }

  /** Runs it once, and again until the time is over. */
  public static void of(Duration time, Run run) throws BenchmarkException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    do {
      run.run();
    } while (System.nanoTime() - end < 0);
  }
}
