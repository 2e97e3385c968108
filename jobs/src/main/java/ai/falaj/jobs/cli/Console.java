package ai.falaj.jobs.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;

/**
 * Everything a command says goes through here. Words for people go to standard output, or to
 * standard error when {@code --json} claims standard output for machines; notes and progress always
 * go to standard error.
 *
 * <p>Any thread may call it; one call's line is never torn by another's.
 */
public final class Console {

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;
  private final TerminalSettings terminal;

  public Console(PrintWriter out, PrintWriter err, boolean json, TerminalSettings terminal) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.terminal = terminal;
  }

  /** Whether standard output belongs to a machine. */
  public boolean isJson() {
    return json;
  }

  public TerminalSettings terminal() {
    return terminal;
  }

  /** A line of the command's own result, for people. */
  public void say(String line) {
    printLine(json ? err : out, line);
  }

  /** A line about what is going on: standard error in any case. */
  public void note(String line) {
    printLine(err, line);
  }

  /** Text without a line end, for people, shown at once: streamed tokens. */
  public void stream(String text) {
    PrintWriter target = json ? err : out;
    synchronized (this) {
      target.print(text);
      target.flush();
    }
  }

  /**
   * One JSON document on one line of standard output. Call it only with {@code --json}.
   *
   * @param document a record of plain values, or a map or list of them; null fields are left out
   */
  public void json(Object document) {
    if (!json) {
      throw new IllegalStateException("a JSON document without --json");
    }
    try {
      printLine(out, Json.MAPPER.writeValueAsString(document));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + document.getClass(), e);
    }
  }

  /** The text in that style where colours are wanted, else the text. */
  public String styled(Style style, String text) {
    return terminal.color() ? style.apply(text) : text;
  }

  /**
   * A progress display on standard error for something that may take more than two seconds.
   *
   * @param task what is going on, as a few words
   * @param unit how amounts are shown
   */
  public ProgressBar progress(String task, ProgressBar.Unit unit) {
    return new ProgressBar(err, terminal, task, unit, System::nanoTime);
  }

  private synchronized void printLine(PrintWriter target, String line) {
    target.println(line);
    target.flush();
  }

  /** Loaded with the first document only: commands that print none start faster. */
  private static final class Json {
    static final ObjectMapper MAPPER =
        JsonMapper.builder()
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();
  }
}
