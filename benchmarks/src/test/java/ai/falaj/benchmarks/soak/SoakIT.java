package ai.falaj.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.Speculation;
import ai.falaj.runtime.scheduler.TenantShare;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A short soak of the real engine; {@code falaj soak} runs as long as one likes. */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class SoakIT {

  private static final Duration DURATION = Duration.ofSeconds(25);
  private static final long SEED = Long.getLong("falaj.soak.seed", 1);

  @TempDir Path folder;

  @Test
  void leavesNothingBehindAndEndsEveryRequestOnce() throws Exception {
    String model = TinyModels.writeQwen2EndingTurns(folder.resolve("tiny.gguf"), 7, 9).toString();
    LlamaCppSpec.Builder builder =
        LlamaCppSpec.builder(model)
            .maxSequences(4)
            .contextTokensPerSequence(512)
            .maxWaiting(8)
            .threads(1)
            .speculation(Speculation.promptLookup())
            .tenants(List.of(new TenantShare("north", 3, null), TenantShare.standard("south")));
    RuntimeSpec apart = builder.build();
    RuntimeSpec shared = builder.kvLayout(KvLayout.SHARED).kvPoolTokens(600).build();

    SoakReport report =
        new SoakRun(SoakSettings.of(List.of(apart, shared), List.of(), DURATION, SEED))
            .run(line -> {});

    assertThat(report.passed()).as("%s", report.verdict()).isTrue();
    assertThat(report.abruptCloses()).isPositive();
    assertThat(report.finished()).containsKeys(FinishReason.STOP, FinishReason.LENGTH);
    assertThat(report.failed()).containsKey(RuntimeErrorCode.UNKNOWN_MODEL);
  }
}
