package ai.falaj.jobs.bench.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.llamatools.ServerVariant;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.bench.predict.OpenAiProvider;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The benchmark, small, on a tiny model: every way answers every record. {@code llama-server} takes
 * part where {@code FALAJ_LLAMA_BIN} names the folder that it is in.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class SqlBenchmarkIT {

  @TempDir Path folder;

  @Test
  void answersEveryRecordOnEveryWay() throws Exception {
    Optional<LlamaTools> tools =
        Optional.ofNullable(System.getenv("FALAJ_LLAMA_BIN"))
            .map(bin -> new LlamaTools(Path.of(bin)));
    Path model = TinyModels.writeQwen2(folder.resolve("tiny.gguf"), 3);
    SqlLoad load = new SqlLoad(4, 8, 10, 3, 4, 12, 1, 1, ServerVariant.SPLIT, List.of(1, 2));
    List<String> progress = new ArrayList<>();

    BenchmarkReport<SqlLoad, SqlRound> report =
        new SqlBenchmark(
                tools,
                OpenAiProvider.jar(FalajDirectories.current()),
                EngineSettings.of(model.toString(), 1, 1, 1),
                load)
            .run(progress::add);

    int ways = tools.isPresent() ? 4 : 2;
    assertThat(progress).hasSize(2 * ways);
    assertThat(report.rounds())
        .hasSize(ways)
        .allSatisfy(
            round -> {
              assertThat(round.records()).isEqualTo(12);
              assertThat(round.recordsPerSecond()).isPositive();
              assertThat(round.sameAnswers()).isBetween(0.0, 1.0);
            });
    assertThat(report.verdicts()).hasSize(ways - 1);
  }

  @Test
  void givesEachRoundAnInstructionOfItsOwn() {
    RecordTexts texts = new RecordTexts(1);
    RecordBatch first = texts.batch(3, 10, 4);
    RecordBatch second = texts.batch(3, 10, 4);

    assertThat(first.instruction().split(" ")).hasSize(10);
    assertThat(first.records()).hasSize(3).doesNotHaveDuplicates();
    assertThat(second.instruction()).isNotEqualTo(first.instruction());
    assertThat(new RecordTexts(1).batch(3, 10, 4)).isEqualTo(first);
    assertThat(first.first(2).records()).isEqualTo(first.records().subList(0, 2));
  }

  @Test
  void refusesALoadOfNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SqlLoad(4, 8, 10, 3, 4, 0, 1, 1, ServerVariant.SPLIT, List.of(1)));
  }
}
