package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class TerminalSettingsTest {

  @Test
  void colorsATerminal() {
    assertThat(settings("true", Map.of("TERM", "xterm")).color()).isTrue();
  }

  @Test
  void colorsNoPipe() {
    assertThat(settings("false", Map.of("TERM", "xterm")).color()).isFalse();
  }

  @Test
  void obeysNoColor() {
    assertThat(settings("true", Map.of("NO_COLOR", "1")).color()).isFalse();
    assertThat(settings("true", Map.of("NO_COLOR", "")).color()).isTrue();
  }

  @Test
  void colorsNoDumbTerminal() {
    assertThat(settings("true", Map.of("TERM", "dumb")).color()).isFalse();
  }

  @Test
  void takesEightyColumnsWhereNoneAreTold() {
    Properties properties = new Properties();
    properties.setProperty("falaj.tty.columns", "");
    assertThat(TerminalSettings.from(properties, Map.of()).columns()).isEqualTo(80);
    properties.setProperty("falaj.tty.columns", "132");
    assertThat(TerminalSettings.from(properties, Map.of()).columns()).isEqualTo(132);
  }

  private static TerminalSettings settings(String terminal, Map<String, String> environment) {
    Properties properties = new Properties();
    properties.setProperty("falaj.tty.out", terminal);
    return TerminalSettings.from(properties, environment);
  }
}
