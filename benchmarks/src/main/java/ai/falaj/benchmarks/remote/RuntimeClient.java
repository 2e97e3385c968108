package ai.falaj.benchmarks.remote;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.remote.RemotePreset;
import ai.falaj.runtime.remote.RemoteSpec;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Falaj's remote runtime in this JVM, through its public API. */
final class RuntimeClient implements RemoteClient {

  static final String NAME = "Falaj's runtime";

  private final ModelRuntime runtime;
  private final RemoteLoad load;

  private RuntimeClient(ModelRuntime runtime, RemoteLoad load) {
    this.runtime = runtime;
    this.load = load;
  }

  static RuntimeClient connect(String baseUrl, RemoteLoad load) throws RuntimeLoadException {
    RemoteSpec spec =
        RemoteSpec.builder(RemotePreset.VLLM, PacedServer.MODEL)
            .baseUrl(baseUrl)
            .concurrency(AdaptiveLimit.Bounds.fixed(load.streams()))
            .checkAtOpen(false)
            .build();
    return new RuntimeClient(spec.open(), load);
  }

  ModelRuntime runtime() {
    return runtime;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isFalaj() {
    return true;
  }

  @Override
  public Outcome run() throws BenchmarkException, InterruptedException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    threads.resetPeakThreadCount();
    int before = threads.getThreadCount();
    StreamsRun run = new StreamsRun(runtime, load);
    double wallMs = run.awaitEnd();
    return new Outcome(
        load.totalRequests(), wallMs, before, threads.getPeakThreadCount(), run.firstTokenP95Ms());
  }

  @Override
  public void close() {
    runtime.close();
  }
}
