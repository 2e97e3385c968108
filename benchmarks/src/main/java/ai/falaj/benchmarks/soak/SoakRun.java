package ai.falaj.benchmarks.soak;

import ai.falaj.benchmarks.report.Machine;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Opens runtimes one after the other, sends each random traffic, closes it, and looks at what the
 * process holds in between. Confined to one thread.
 */
public final class SoakRun {

  private static final double NANOS_PER_SECOND = 1e9;

  /** Every so many runtimes, one is closed in the middle of its traffic. */
  private static final int ABRUPT_EVERY = 3;

  /**
   * Before the last sample: threads that are on their way out are gone by then. The JDK's HTTP
   * client looks every three seconds whether anybody still holds it.
   */
  private static final long SETTLE_MS = 4_000;

  private final SoakSettings settings;
  private final SoakLedger ledger = new SoakLedger();
  private final List<ResourceSample> samples = new ArrayList<>();
  private final Random random;
  private final long startNanos = System.nanoTime();
  private int cycles;
  private int abruptCloses;

  public SoakRun(SoakSettings settings) {
    this.settings = settings;
    this.random = new Random(settings.seed());
  }

  /**
   * Runs the soak.
   *
   * @param progress told a line after each runtime
   * @throws RuntimeLoadException if a runtime cannot be opened
   * @throws IOException if the system does not let itself be asked for its resources
   */
  public SoakReport run(Consumer<String> progress)
      throws RuntimeLoadException, InterruptedException, IOException {
    while (seconds() < settings.duration().toNanos() / NANOS_PER_SECOND) {
      cycle();
      samples.add(ResourceSample.take(seconds()));
      progress.accept(line());
    }
    Thread.sleep(SETTLE_MS);
    samples.add(ResourceSample.take(seconds()));
    return report();
  }

  private void cycle() throws RuntimeLoadException, InterruptedException {
    RuntimeSpec spec = settings.specs().get(cycles % settings.specs().size());
    cycles++;
    boolean abrupt = cycles % ABRUPT_EVERY == 0;
    SoakCycle cycle;
    try (ModelRuntime runtime = spec.open()) {
      SoakTraffic traffic =
          new SoakTraffic(
              random.nextLong(), runtime.info().contextTokensPerSequence(), settings.adapters());
      cycle = new SoakCycle(runtime, traffic, ledger, settings.injectedFailures(), random);
      cycle.run(settings.cycle());
      if (abrupt) {
        abruptCloses++;
      } else {
        cycle.drain();
      }
    }
    cycle.requireAllEnded();
  }

  private SoakReport report() {
    SoakLedger.Totals totals = ledger.totals();
    List<String> leaks = new ArrayList<>(LeakCheck.leaks(samples));
    if (totals.ended() != totals.submitted()) {
      leaks.add(
          "%d requests were taken and %d ended".formatted(totals.submitted(), totals.ended()));
    }
    return new SoakReport(
        settings.seed(),
        settings.specs().get(0).model(),
        Machine.here(),
        seconds(),
        cycles,
        abruptCloses,
        totals.submitted(),
        totals.refused(),
        totals.finished(),
        totals.failed(),
        totals.tokens(),
        totals.violations(),
        totals.firstViolations(),
        LeakCheck.isJudged(samples),
        leaks,
        samples.stream().map(SoakReport.Sample::of).toList());
  }

  private String line() {
    SoakLedger.Totals totals = ledger.totals();
    ResourceSample last = samples.get(samples.size() - 1);
    return String.format(
        Locale.ROOT,
        "%.0f s: %d runtimes, %d requests, %d tokens, %d violations; resident %d MiB, native %d MiB",
        seconds(),
        cycles,
        totals.submitted(),
        totals.tokens(),
        totals.violations(),
        last.residentBytes().orElse(0) >> 20,
        last.nativeBytes().orElse(0) >> 20);
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
  }
}
