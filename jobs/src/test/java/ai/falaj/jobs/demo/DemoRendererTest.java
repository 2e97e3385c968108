package ai.falaj.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.demo.DemoState.Pane;
import ai.falaj.jobs.demo.TrackedRequest.Status;
import ai.falaj.jobs.terminal.Frame;
import ai.falaj.jobs.terminal.Line;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoRendererTest {

  private static final Pane ENGLISH =
      new Pane(
          "reason-01",
          "How long does it take with both open?",
          Status.STREAMING,
          21,
          "One pipe fills a sixth an hour, the other a third.",
          "Two hours.",
          "");
  private static final Pane ARABIC =
      new Pane(
          "translate-03", "ترجم: العلم نور", Status.COMPLETED, 9, "", "المعرفة نور 🙂 日本", "STOP");
  private static final Pane DEAD =
      new Pane("bad-01", "x", Status.DEAD_LETTERED, 0, "", "", "PROMPT_TOO_LONG: too long");

  @Test
  void drawsPanesSideBySide() {
    Frame frame = DemoRenderer.render(state(List.of(ENGLISH, ARABIC)), 80, 10);

    assertThat(frame.text().replace("\u200e", ""))
        .isEqualTo(
            """
            Falaj demo · SmolLM2-135M-Instruct-…   3/8 done · 1 streaming · 402 tok/s · 1:05
            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━──────────────────────────────────────────────────
            ─ ▸ reason-01 ──────────────── 21 tok ─  ─ ✓ translate-03 ────────────── 9 tok ─
            › How long does it take with both open?  › ترجم: العلم نور
            One pipe fills a sixth an hour, the      المعرفة نور 🙂 日本
            other a third.
            Two hours.


            batch  4.0 ▂▄█                                                      Ctrl-C stops
            """
                .stripTrailing());
  }

  @ParameterizedTest
  @CsvSource({"40,10", "80,24", "132,43", "200,60", "72,5", "20,4", "10,3", "3,2", "1,1"})
  void fillsTheTerminalExactly(int width, int height) {
    Frame frame =
        DemoRenderer.render(state(List.of(ENGLISH, ARABIC, DEAD, ENGLISH)), width, height);

    assertThat(frame.lines()).hasSizeLessThanOrEqualTo(height);
    assertThat(frame.lines()).extracting(Line::width).containsOnly(width);
  }

  @Test
  void showsOnePaneInATinyTerminal() {
    Frame frame = DemoRenderer.render(state(List.of(ENGLISH, ARABIC)), 40, 10);

    assertThat(frame.lines()).hasSize(10);
    assertThat(frame.text()).contains("reason-01").doesNotContain("translate-03");
    assertThat(frame.lines().get(0).text()).contains("3/8 done");
  }

  @Test
  void showsTheEndOfALongText() {
    String text = "start " + "water ".repeat(2_000) + "end";
    Pane pane = new Pane("long", "p", Status.STREAMING, 2_002, "", text, "");

    Frame frame = DemoRenderer.render(state(List.of(pane)), 60, 12);

    assertThat(frame.text()).contains("water end").doesNotContain("start");
  }

  @Test
  void dimsReasoningOnly() {
    List<Line> lines = PaneRenderer.render(ENGLISH, 40, 8);

    assertThat(styled(lines, "One pipe")).startsWith("\u001b[2m");
    assertThat(styled(lines, "Two hours")).isEqualTo("Two hours.");
  }

  @Test
  void saysWhyARequestFailed() {
    assertThat(DemoRenderer.render(state(List.of(DEAD)), 60, 12).text())
        .contains("✗ bad-01")
        .contains("PROMPT_TOO_LONG: too long");
  }

  @Test
  void keepsColumnsOfArabicInPlace() {
    Frame frame = DemoRenderer.render(state(List.of(ARABIC, ARABIC)), 80, 10);

    assertThat(frame.lines().get(4).text()).contains("\u200e  المعرفة");
  }

  private static String styled(List<Line> lines, String start) {
    return lines.stream()
        .filter(line -> line.text().startsWith(start))
        .findFirst()
        .orElseThrow()
        .styled();
  }

  private static DemoState state(List<Pane> panes) {
    return new DemoState(
        "SmolLM2-135M-Instruct-Q4_1",
        8,
        3,
        0,
        1,
        402.3,
        65_000,
        panes,
        "batch",
        List.of(1.0, 2.0, 4.0));
  }
}
