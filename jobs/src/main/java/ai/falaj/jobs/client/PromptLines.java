package ai.falaj.jobs.client;

import ai.falaj.schemas.PromptRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;

/**
 * Prompts from JSON lines, one after the other; empty lines are passed over. Nothing but the
 * current line is held. Confined to one thread.
 */
public final class PromptLines {

  private final PromptJson json;
  private final BufferedReader lines;
  private long lineNumber;

  public PromptLines(PromptJson json, BufferedReader lines) {
    this.json = json;
    this.lines = lines;
  }

  /**
   * The next prompt; empty at the end.
   *
   * @throws PromptJsonException with the line's number, counted from 1; the next call goes on with
   *     the line after it
   */
  public Optional<PromptRequest> next() throws IOException, PromptJsonException {
    String line = lines.readLine();
    lineNumber++;
    while (line != null && line.isBlank()) {
      line = lines.readLine();
      lineNumber++;
    }
    if (line == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(json.parse(line));
    } catch (PromptJsonException e) {
      throw e.atLine(lineNumber);
    }
  }
}
