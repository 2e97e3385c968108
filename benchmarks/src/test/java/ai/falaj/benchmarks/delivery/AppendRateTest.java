package ai.falaj.benchmarks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AppendRateTest {

  @Test
  void countsAllButTheFirstTenth() {
    // The first tenth came ten times as slowly, and late times come first.
    long[] slow = LongStream.range(0, 10).map(i -> i * 10).toArray();
    long[] fast = LongStream.rangeClosed(0, 90).map(i -> 1_000 + 90 - i).toArray();
    long[] all = LongStream.concat(LongStream.of(fast), LongStream.of(slow)).toArray();

    assertThat(AppendRate.perSecond(all)).isEqualTo(1_000);
  }

  @Test
  void knowsNoRateOfAFewRecordsOrOfOneMoment() {
    assertThatIllegalArgumentException().isThrownBy(() -> AppendRate.perSecond(new long[9]));
    assertThatIllegalArgumentException().isThrownBy(() -> AppendRate.perSecond(new long[100]));
  }
}
