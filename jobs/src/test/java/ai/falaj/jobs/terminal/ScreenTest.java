package ai.falaj.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Style;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScreenTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private Terminal terminal;

  @BeforeEach
  void openTerminal() throws IOException {
    terminal =
        new ExternalTerminal(
            "test", "xterm", new ByteArrayInputStream(new byte[0]), out, StandardCharsets.UTF_8);
    terminal.setSize(new Size(20, 3));
  }

  @AfterEach
  void closeTerminal() throws IOException {
    terminal.close();
  }

  @Test
  void leavesTheTerminalAsItWas() {
    Attributes before = terminal.getAttributes();
    Screen screen = Screen.enter(terminal, true);
    assertThat(written()).isEqualTo("\u001b[?1049h\u001b[?25l\u001b[2J");
    assertThat(terminal.getAttributes().getLocalFlag(LocalFlag.ECHO)).isFalse();

    screen.close();

    assertThat(written()).isEqualTo("\u001b[0m\u001b[?25h\u001b[?1049l");
    assertThat(terminal.getAttributes().getLocalFlags()).isEqualTo(before.getLocalFlags());
    screen.close();
    screen.draw(frame("late"));
    assertThat(written()).isEmpty();
  }

  @Test
  void writesOnlyLinesThatChanged() {
    try (Screen screen = Screen.enter(terminal, true)) {
      screen.draw(frame("one", "two"));
      written();

      screen.draw(frame("one", "new"));

      assertThat(written()).isEqualTo("\u001b[2;1Hnew\u001b[K");
    }
  }

  @Test
  void drawsAnewWhenTheWindowChanges() {
    try (Screen screen = Screen.enter(terminal, true)) {
      screen.draw(frame("one"));
      terminal.setSize(new Size(30, 5));
      written();

      screen.draw(frame("one"));

      assertThat(written()).isEqualTo("\u001b[0m\u001b[2J\u001b[1;1Hone\u001b[K");
    }
  }

  @Test
  void showsNoColoursWhereNoneAreWanted() {
    Frame red = new Frame(List.of(Line.of(Style.RED, "stop")));
    try (Screen screen = Screen.enter(terminal, false)) {
      written();
      screen.draw(red);
      assertThat(written()).endsWith("\u001b[1;1Hstop\u001b[K");
    }
  }

  private String written() {
    terminal.flush();
    String text = out.toString(StandardCharsets.UTF_8);
    out.reset();
    return text;
  }

  private static Frame frame(String... lines) {
    return new Frame(List.of(lines).stream().map(Line::of).toList());
  }
}
