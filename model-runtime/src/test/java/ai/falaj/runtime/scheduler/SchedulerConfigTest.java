package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Which bounds contradict each other. */
class SchedulerConfigTest {

  @Test
  void eachSlotHasAContextOfItsOwnUnlessTheyShare() {
    assertThat(SchedulerConfig.builder(4, 100).build().kvTokens()).isEqualTo(400);
    assertThat(SchedulerConfig.builder(4, 100).build().sharedKv()).isFalse();
    assertThat(SchedulerConfig.builder(4, 100).sharedKv(150).build().kvTokens()).isEqualTo(150);
  }

  @Test
  void refusesBoundsThatContradictEachOther() {
    assertThatThrownBy(() -> SchedulerConfig.builder(0, 1).build())
        .hasMessageContaining("maxSequences is 0");
    assertThatThrownBy(() -> SchedulerConfig.builder(1, 0).build())
        .hasMessageContaining("contextTokensPerSequence is 0");
    assertRefused(
        builder -> builder.maxPrefillTokensWhileDecoding(0), "maxPrefillTokensWhileDecoding is 0");
    assertRefused(builder -> builder.maxBatchTokens(3), "maxBatchTokens is 3 and maxSequences 4");
    assertRefused(builder -> builder.sharedKv(99), "kvTokens is 99");
    assertRefused(builder -> builder.prefillStretch(0.5), "prefillStretch is 0.5");
    assertRefused(builder -> builder.prefillStretch(Double.NaN), "prefillStretch is NaN");
    assertRefused(builder -> builder.copyTokenCost(-1), "copyTokenCost -1.0");
    assertRefused(builder -> builder.storedPrefixTokens(-1), "storedPrefixTokens -1");
    assertRefused(builder -> builder.speculation(-1, 1), "maxDraftTokens -1");
    assertRefused(builder -> builder.speculation(1, 0), "maxSpeculatingSequences is 0");
  }

  private static void assertRefused(UnaryOperator<SchedulerConfig.Builder> change, String message) {
    SchedulerConfig.Builder builder = change.apply(SchedulerConfig.builder(4, 100));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
