package ai.falaj.jobs.terminal;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The terminal while a picture is redrawn in place: the alternate screen, no cursor, no echo of
 * what is typed. {@link #close} gives the terminal back as it was; a shutdown hook does the same
 * when the JVM ends by a signal or an error, so no path leaves a broken terminal behind.
 *
 * <p>Only lines that changed are written, each picture in one write, so that nothing flickers. Any
 * thread may call it; pictures never mix.
 */
public final class Screen implements AutoCloseable {

  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[2J";
  private static final String LEAVE = "\u001b[0m\u001b[?25h\u001b[?1049l";
  private static final String CLEAR_TO_LINE_END = "\u001b[K";
  private static final Size FALLBACK = new Size(80, 24);

  private static final Logger LOG = LoggerFactory.getLogger(Screen.class);

  private final Terminal terminal;
  private final Attributes before;
  private final boolean color;
  private final Thread restoreAtExit = new Thread(this::restore, "restore-terminal");
  private List<Line> drawn = List.of();
  private Size drawnSize = new Size(0, 0);
  private boolean restored;

  private Screen(Terminal terminal, boolean color) {
    this.terminal = Objects.requireNonNull(terminal, "terminal");
    this.color = color;
    before = terminal.getAttributes();
  }

  /**
   * Takes the process's terminal.
   *
   * @param color whether styles are shown
   * @throws IOException if there is none, or it cannot be controlled
   */
  public static Screen open(boolean color) throws IOException {
    // Signals stay Java's: Ctrl-C runs the shutdown hooks.
    Terminal terminal =
        TerminalBuilder.builder().system(true).dumb(false).nativeSignals(false).build();
    return enter(terminal, color);
  }

  /** Takes a terminal that is open already; {@link #close} closes it. */
  static Screen enter(Terminal terminal, boolean color) {
    Screen screen = new Screen(terminal, color);
    Runtime.getRuntime().addShutdownHook(screen.restoreAtExit);
    Attributes quiet = new Attributes(screen.before);
    quiet.setLocalFlag(LocalFlag.ECHO, false);
    quiet.setLocalFlag(LocalFlag.ICANON, false);
    terminal.setAttributes(quiet);
    screen.write(ENTER);
    return screen;
  }

  /** The size now; it follows the window. */
  public synchronized Size size() {
    if (restored) {
      return FALLBACK;
    }
    Size size = terminal.getSize();
    return size.getColumns() > 0 && size.getRows() > 0 ? size : FALLBACK;
  }

  /** Shows the picture. Does nothing once the terminal was given back. */
  public synchronized void draw(Frame frame) {
    if (restored) {
      return;
    }
    Size size = size();
    StringBuilder out = new StringBuilder();
    if (!size.equals(drawnSize)) {
      out.append("\u001b[0m\u001b[2J");
      drawn = List.of();
      drawnSize = size;
    }
    int rows = Math.min(size.getRows(), Math.max(frame.lines().size(), drawn.size()));
    for (int row = 0; row < rows; row++) {
      Line line = row < frame.lines().size() ? frame.lines().get(row) : Line.EMPTY;
      if (row >= drawn.size() || !line.equals(drawn.get(row))) {
        out.append("\u001b[").append(row + 1).append(";1H");
        out.append(color ? line.styled() : line.text()).append(CLEAR_TO_LINE_END);
      }
    }
    drawn = frame.lines();
    write(out.toString());
  }

  private void write(String text) {
    PrintWriter writer = terminal.writer();
    writer.write(text);
    writer.flush();
  }

  private synchronized void restore() {
    if (restored) {
      return;
    }
    restored = true;
    write(LEAVE);
    terminal.setAttributes(before);
  }

  /** Gives the terminal back. Calling it again does nothing. */
  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(restoreAtExit);
      terminal.close();
    } catch (IllegalStateException e) {
      LOG.debug("The JVM is ending and takes the terminal's handle with it");
    } catch (IOException e) {
      LOG.warn("The terminal was restored, but its handle could not be closed", e);
    }
  }
}
