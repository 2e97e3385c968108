package ai.falaj.jobs.cli;

/**
 * Terminal styles by their SGR code; {@link Console#styled} leaves them out where they would
 * litter.
 */
public enum Style {
  BOLD(1),
  DIM(2),
  RED(31),
  GREEN(32),
  YELLOW(33),
  CYAN(36);

  private final int code;

  Style(int code) {
    this.code = code;
  }

  /** The text between the escape sequences. */
  public String apply(String text) {
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
