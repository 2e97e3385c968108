package ai.falaj.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.benchmarks.batched.BatchedBenchmark;
import ai.falaj.benchmarks.batched.BatchedLoad;
import ai.falaj.benchmarks.fairness.FairnessBenchmark;
import ai.falaj.benchmarks.fairness.FairnessLoad;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.llamatools.ServerVariant;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.samples.SamplesBenchmark;
import ai.falaj.benchmarks.samples.SamplesLoad;
import ai.falaj.benchmarks.server.PrefixBenchmark;
import ai.falaj.benchmarks.server.PrefixLoad;
import ai.falaj.benchmarks.server.ServerBenchmark;
import ai.falaj.benchmarks.server.ServerLoad;
import ai.falaj.benchmarks.speculation.SpeculationBenchmark;
import ai.falaj.benchmarks.speculation.SpeculationLoad;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every benchmark runs to its end on a tiny model and measures what it says. What the figures are
 * is no matter of a test. llama.cpp's programs take part where the system property {@code
 * falaj.llama.bin} names their folder.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RuntimeBenchmarksIT {

  @TempDir static Path folder;

  private static EngineSettings settings;
  private final List<String> progress = new ArrayList<>();

  @BeforeAll
  static void writeModel() throws Exception {
    Path model = TinyModels.writeQwen2(folder.resolve("tiny.gguf"), 3);
    settings = EngineSettings.of(model.toString(), 1, 1, 1);
  }

  @Test
  void measuresSharedPrefixes() throws Exception {
    PrefixLoad load = new PrefixLoad(4, 120, 10, 4, 24, 12, 2, 1, List.of());
    BenchmarkReport<?, ?> report =
        new PrefixBenchmark(Optional.empty(), settings, load).run(progress::add);
    assertMeasured(report, 1);
    assertThat(report.rounds()).hasSize(4);
    assertThat(progress).hasSize(4);
  }

  @Test
  void measuresSamples() throws Exception {
    assertMeasured(
        new SamplesBenchmark(settings, new SamplesLoad(4, 60, 4, 2, 2, 1)).run(progress::add), 1);
  }

  @Test
  void measuresFairness() throws Exception {
    FairnessLoad load = new FairnessLoad(4, 3, 8, 8, 2, 1, 3, 200, 1);
    assertMeasured(new FairnessBenchmark(settings, load).run(progress::add), 3);
  }

  @Test
  void measuresSpeculation() throws Exception {
    assertMeasured(
        new SpeculationBenchmark(settings, new SpeculationLoad(12, 1)).run(progress::add), 2);
  }

  @Test
  void comparesWithBatchedBench() throws Exception {
    BatchedLoad load = new BatchedLoad(List.of(1, 4), 32, 16, 1, 1, 0);
    assertMeasured(new BatchedBenchmark(tools(), settings, load).run(progress::add), 4);
  }

  @Test
  void comparesWithTheServer() throws Exception {
    ServerLoad load =
        new ServerLoad(
            2,
            256,
            6,
            1,
            1,
            ServerLoad.BUILT_IN_TRACE,
            List.of(ServerVariant.SPLIT, ServerVariant.UNIFIED));
    assertMeasured(new ServerBenchmark(tools(), settings, load).run(progress::add), 2);
  }

  private static LlamaTools tools() {
    String bin = System.getProperty("falaj.llama.bin");
    Assumptions.assumeTrue(bin != null, "no llama.cpp programs: -Dfalaj.llama.bin names none");
    return new LlamaTools(Path.of(bin));
  }

  private static void assertMeasured(BenchmarkReport<?, ?> report, int verdicts) {
    assertThat(report.verdicts())
        .hasSize(verdicts)
        .allSatisfy(verdict -> assertThat(verdict.value()).isFinite().isNotNegative());
    assertThat(report.rounds()).isNotEmpty();
  }
}
