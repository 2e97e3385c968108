package ai.falaj.jobs.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.TerminalSettings;
import ai.falaj.schemas.FinishReason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesPrinterTest {

  private static final List<ShownSample> TWO =
      List.of(
          sample(0, "", "The tap leaks because its washer is worn", FinishReason.STOP),
          sample(1, "think", "Call a plumber", FinishReason.LENGTH));

  @Test
  void printsColumnsWhereTheTerminalHasRoom() {
    assertThat(print(new TerminalSettings(true, true, 70, false), TWO))
        .isEqualTo(
            """
            sample 1 of 2 · 3 tokens · STOP     sample 2 of 2 · 3 tokens · LENGTH
            The tap leaks because its washer    <think>
            is worn                             think
                                                </think>
                                                Call a plumber
            """);
  }

  @Test
  void printsBelowEachOtherWhereItHasNot() {
    String below =
        """
        --- sample 1 of 2 · 3 tokens · STOP
        The tap leaks because its washer is worn
        --- sample 2 of 2 · 3 tokens · LENGTH
        <think>
        think
        </think>
        Call a plumber
        """;
    assertThat(print(new TerminalSettings(true, true, 50, false), TWO)).isEqualTo(below);
    assertThat(print(TerminalSettings.none(), TWO)).isEqualTo(below);
  }

  @Test
  void neverLetsAnAnswerSteerTheTerminal() {
    List<ShownSample> steering =
        List.of(sample(0, "", "a\u001b[2Jb", FinishReason.STOP), TWO.get(1));

    assertThat(print(new TerminalSettings(true, true, 70, false), steering))
        .doesNotContain("\u001b");
    assertThat(print(new TerminalSettings(true, true, 50, false), steering))
        .doesNotContain("\u001b");
  }

  @Test
  void dimsReasoningOnly() {
    assertThat(print(new TerminalSettings(true, true, 70, true), TWO))
        .contains("\u001b[2mthink")
        .doesNotContain("\u001b[2mCall");
  }

  private static ShownSample sample(
      int index, String reasoning, String answer, FinishReason reason) {
    return new ShownSample(index, reasoning, answer, reason, 3, List.of());
  }

  private static String print(TerminalSettings terminal, List<ShownSample> samples) {
    StringWriter out = new StringWriter();
    Console console =
        new Console(new PrintWriter(out), new PrintWriter(new StringWriter()), false, terminal);
    new SamplesPrinter(console).print(samples);
    return out.toString();
  }
}
