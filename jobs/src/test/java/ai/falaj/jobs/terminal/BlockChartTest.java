package ai.falaj.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockChartTest {

  @Test
  void drawsColumnsOnAnAxis() {
    assertThat(BlockChart.columns(List.of(0.0, 1.0, 4.0, 8.0, 16.0, 6.0), 0.6, 40, 2))
        .containsExactly(
            "16 ┤    █", //
            "   │ ▁▄██▆",
            " 0 └────── 0.6 s");
  }

  @Test
  void takesMeansWhereTheSeriesIsLongerThanTheChart() {
    List<Double> series = new java.util.ArrayList<>(Collections.nCopies(100, 8.0));
    series.addAll(Collections.nCopies(100, 4.0));

    assertThat(BlockChart.columns(series, 20, 10, 1))
        .containsExactly("8 ┤█████▄▄▄▄▄", "0 └────────── 20.0 s");
  }

  @Test
  void showsASilentSeriesAsEmpty() {
    assertThat(BlockChart.columns(List.of(0.0, 0.0), 1, 10, 1))
        .containsExactly("0 ┤", "0 └── 1.0 s");
  }

  @Test
  void sparksTheLastValues() {
    assertThat(BlockChart.spark(List.of(9.0, 1.0, 2.0, 4.0), 3)).isEqualTo("▂▄█");
    assertThat(BlockChart.spark(List.of(), 3)).isEmpty();
  }
}
