package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

  private static final TerminalSettings TERMINAL = new TerminalSettings(true, true, 60, true);

  private final StringWriter err = new StringWriter();
  private long nowNanos;

  @Test
  void staysSilentForTwoSeconds() {
    try (ProgressBar bar = bar(TERMINAL, ProgressBar.Unit.COUNT)) {
      atSecond(1.9);
      bar.update(1, OptionalLong.of(2));
    }
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void redrawsOneLineOnATerminalAndWipesItAtTheEnd() {
    try (ProgressBar bar = bar(TERMINAL, ProgressBar.Unit.BYTES)) {
      atSecond(4);
      bar.update(50_000_000, OptionalLong.of(100_000_000));
    }
    assertThat(err.toString())
        .contains("50% 50.0 MB of 100")
        .doesNotContain("\n")
        .endsWith("\r\u001b[K");
  }

  @Test
  void neverDrawsWiderThanTheTerminal() {
    try (ProgressBar bar =
        bar(new TerminalSettings(true, true, 20, true), ProgressBar.Unit.BYTES)) {
      atSecond(4);
      bar.update(50_000_000, OptionalLong.of(100_000_000));
      assertThat(err.toString().replace("\r\u001b[K", "")).hasSizeLessThan(20);
    }
  }

  @Test
  void printsALineEveryTenSecondsElsewhere() {
    try (ProgressBar bar = bar(TerminalSettings.none(), ProgressBar.Unit.COUNT)) {
      for (int second = 1; second <= 25; second++) {
        atSecond(second);
        bar.update(second, OptionalLong.of(100));
      }
      assertThat(err.toString().lines())
          .containsExactly("load: 2%, 2 of 100", "load: 12%, 12 of 100", "load: 22%, 22 of 100");
    }
    assertThat(err.toString().lines()).last().isEqualTo("load: ended after 25 s");
  }

  @Test
  void showsAmountAndTimeWhereTheTotalIsUnknown() {
    try (ProgressBar bar = bar(TerminalSettings.none(), ProgressBar.Unit.COUNT)) {
      atSecond(3);
      bar.update(7, OptionalLong.empty());
    }
    assertThat(err.toString()).startsWith("load: 7, 3 s");
  }

  private ProgressBar bar(TerminalSettings terminal, ProgressBar.Unit unit) {
    return new ProgressBar(new PrintWriter(err), terminal, "load", unit, () -> nowNanos);
  }

  private void atSecond(double second) {
    nowNanos = (long) (second * 1e9);
  }
}
