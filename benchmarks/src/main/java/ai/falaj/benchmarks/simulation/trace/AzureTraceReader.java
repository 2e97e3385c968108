package ai.falaj.benchmarks.simulation.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads Azure's public traces of LLM requests: a header, then a line of arrival time, prompt tokens
 * and generated tokens for each request, in order of arrival (AzurePublicDataset, Splitwise, ISCA
 * 2024). Requests that generated nothing are left out.
 */
public final class AzureTraceReader {

  private static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
  private static final int COLUMNS = 3;

  /** The files of 2023 give no offset, those of 2024 give one of zero. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .appendPattern("HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .optionalStart()
          .appendLiteral("+00:00")
          .optionalEnd()
          .toFormatter();

  private AzureTraceReader() {}

  /**
   * @throws TraceFormatException with file and line of what is wrong
   */
  public static Trace read(Path file) throws TraceFormatException {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      String header = lines.readLine();
      if (header == null || !header.strip().equals(HEADER)) {
        throw problem(file, 1, "the header is '%s' but must be '%s'".formatted(header, HEADER));
      }
      return new Trace(nameOf(file), readRequests(file, lines));
    } catch (IOException e) {
      throw new TraceFormatException(
          "%s cannot be read (%s); name a trace file or a built-in workload".formatted(file, e), e);
    }
  }

  private static List<TraceRequest> readRequests(Path file, BufferedReader lines)
      throws IOException, TraceFormatException {
    List<TraceRequest> requests = new ArrayList<>();
    LocalDateTime start = null;
    long lastArrivalNanos = 0;
    int lineNumber = 1;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      lineNumber++;
      String[] columns = line.split(",", -1);
      if (columns.length != COLUMNS) {
        throw problem(file, lineNumber, "%d columns but a request has 3".formatted(columns.length));
      }
      LocalDateTime time = time(file, lineNumber, columns[0]);
      start = start == null ? time : start;
      long arrivalNanos = Duration.between(start, time).toNanos();
      if (arrivalNanos < lastArrivalNanos) {
        throw problem(file, lineNumber, columns[0] + " is before the line in front of it");
      }
      lastArrivalNanos = arrivalNanos;
      int promptTokens = count(file, lineNumber, "ContextTokens", columns[1], 1);
      int newTokens = count(file, lineNumber, "GeneratedTokens", columns[2], 0);
      if (newTokens > 0) {
        requests.add(new TraceRequest(requests.size(), arrivalNanos, promptTokens, newTokens, ""));
      }
    }
    if (requests.size() < 2) {
      throw problem(file, lineNumber, "the file ends with fewer than 2 requests");
    }
    return requests;
  }

  private static LocalDateTime time(Path file, int lineNumber, String text)
      throws TraceFormatException {
    try {
      return LocalDateTime.parse(text, TIME);
    } catch (DateTimeParseException e) {
      throw problem(file, lineNumber, "'" + text + "' is no time such as 2023-11-16 18:15:46.68");
    }
  }

  private static int count(Path file, int lineNumber, String column, String text, int least)
      throws TraceFormatException {
    try {
      int count = Integer.parseInt(text.strip());
      if (count >= least) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is too small.
    }
    throw problem(
        file, lineNumber, "%s is '%s'; it must be %d or more".formatted(column, text, least));
  }

  private static TraceFormatException problem(Path file, int lineNumber, String what) {
    return new TraceFormatException("%s, line %d: %s".formatted(file, lineNumber, what));
  }

  private static String nameOf(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    String base = file.getFileName().toString().replaceFirst("\\.csv$", "");
    return folder == null || folder.getFileName() == null
        ? base
        : folder.getFileName() + "/" + base;
  }
}
