package ai.falaj.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.TerminalSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ChecklistTest {

  private final StringWriter all = new StringWriter();

  @Test
  void saysWhatIsDoneAndWhatIsNot() {
    Checklist checklist = checklist(TerminalSettings.none());
    try (Checklist.Step step = checklist.begin("Local stack")) {
      checklist.done("Kafka is up");
      step.done();
    }
    checklist.begin("Model").close();

    assertThat(all.toString())
        .matches("✓ Kafka is up\\R✓ Local stack \\(\\d+\\.\\d s\\)\\R✗ Model\\R");
  }

  @Test
  void showsOnATerminalWhatIsGoingOn() {
    Checklist checklist = checklist(new TerminalSettings(true, true, 80, false));
    try (Checklist.Step step = checklist.begin("Local stack")) {
      checklist.done("Kafka is up");
      step.done();
    }

    assertThat(all.toString())
        .startsWith("· Local stack ...\r\u001b[K✓ Kafka is up\n· Local stack ...\r\u001b[K✓ Local");
  }

  private Checklist checklist(TerminalSettings terminal) {
    PrintWriter writer = new PrintWriter(all);
    return new Checklist(new Console(writer, writer, false, terminal));
  }
}
