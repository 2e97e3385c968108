package ai.falaj.jobs.cli;

import java.util.Map;
import java.util.Properties;

/**
 * What is known about the terminal. The launcher tests its file descriptors, which Java cannot, and
 * passes the answers as system properties.
 *
 * @param outputIsTerminal whether standard output is a terminal: colours, live pictures
 * @param errorIsTerminal whether standard error is a terminal: progress bars
 * @param columns width in characters
 * @param color whether colours are wanted, as far as the environment says
 */
public record TerminalSettings(
    boolean outputIsTerminal, boolean errorIsTerminal, int columns, boolean color) {

  private static final int DEFAULT_COLUMNS = 80;

  public TerminalSettings {
    if (columns <= 0) {
      throw new IllegalArgumentException("columns must be positive, is " + columns);
    }
  }

  /** Neither terminal nor colour: pipes, files, tests. */
  public static TerminalSettings none() {
    return new TerminalSettings(false, false, DEFAULT_COLUMNS, false);
  }

  /** Reads what the launcher found and the conventions {@code NO_COLOR} and {@code TERM=dumb}. */
  static TerminalSettings from(Properties properties, Map<String, String> environment) {
    boolean output = Boolean.parseBoolean(properties.getProperty("falaj.tty.out"));
    boolean error = Boolean.parseBoolean(properties.getProperty("falaj.tty.err"));
    boolean color =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new TerminalSettings(
        output, error, columns(properties.getProperty("falaj.tty.columns", "")), output && color);
  }

  private static int columns(String text) {
    return text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : DEFAULT_COLUMNS;
  }

  TerminalSettings withoutColor() {
    return new TerminalSettings(outputIsTerminal, errorIsTerminal, columns, false);
  }
}
