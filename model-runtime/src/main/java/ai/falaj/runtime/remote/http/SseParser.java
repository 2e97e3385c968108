package ai.falaj.runtime.remote.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Server-sent events out of bytes that may be cut anywhere: inside an event, a line end or a code
 * point. A line is decoded once it is whole.
 *
 * <p>Follows the WHATWG's rules: lines end in LF, CR or CRLF, one space after the colon is no part
 * of the value, several {@code data} lines are one datum, a comment is passed over, and what is not
 * followed by an empty line is never an event. llama-server writes {@code error: {...}} instead of
 * an event of that name; it is read as one. {@code id} and {@code retry} serve to reconnect, which
 * nobody does in the middle of an answer. Confined to one thread.
 */
public final class SseParser {

  /**
   * One event.
   *
   * @param type of the {@code event} field; empty where there was none
   */
  public record Event(String type, String data) {}

  /** A server sent a line that is longer than any event may be. */
  public static final class LineTooLongException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LineTooLongException() {
      super("a line of the stream is longer than " + MAX_LINE_BYTES + " bytes");
    }
  }

  static final int MAX_LINE_BYTES = 16 << 20;

  private static final String ERROR = "error";
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final Consumer<Event> events;
  private byte[] line = new byte[512];
  private int length;
  private boolean skipLineFeed;
  private boolean firstLine = true;
  private String type = "";
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;

  /**
   * @param events told each event in {@link #accept}
   */
  public SseParser(Consumer<Event> events) {
    this.events = events;
  }

  /**
   * @throws LineTooLongException if a line does not end
   */
  public void accept(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n') {
        if (!skipLineFeed) {
          endLine();
        }
        skipLineFeed = false;
      } else if (next == '\r') {
        endLine();
        skipLineFeed = true;
      } else {
        skipLineFeed = false;
        append(next);
      }
    }
  }

  private void append(byte next) {
    if (length == line.length) {
      if (length >= MAX_LINE_BYTES) {
        throw new LineTooLongException();
      }
      line = Arrays.copyOf(line, 2 * length);
    }
    line[length++] = next;
  }

  private void endLine() {
    int start = firstLine && startsWithMark() ? BYTE_ORDER_MARK.length : 0;
    firstLine = false;
    if (length == start) {
      dispatch();
    } else {
      field(start);
    }
    length = 0;
  }

  private boolean startsWithMark() {
    return length >= BYTE_ORDER_MARK.length
        && Arrays.equals(line, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, 3);
  }

  private void field(int start) {
    int colon = start;
    while (colon < length && line[colon] != ':') {
      colon++;
    }
    String name = text(start, colon);
    int valueStart = Math.min(length, colon + 1);
    if (valueStart < length && line[valueStart] == ' ') {
      valueStart++;
    }
    switch (name) {
      case "data" -> addData(text(valueStart, length));
      case "event" -> type = text(valueStart, length);
      case ERROR -> {
        type = ERROR;
        addData(text(valueStart, length));
      }
      default -> {
        // A comment, or a field that is of no use here.
      }
    }
  }

  private String text(int from, int to) {
    return new String(line, from, to - from, StandardCharsets.UTF_8);
  }

  private void addData(String value) {
    if (hasData) {
      data.append('\n');
    }
    data.append(value);
    hasData = true;
  }

  private void dispatch() {
    String eventType = type;
    type = "";
    if (!hasData) {
      return;
    }
    String datum = data.toString();
    data.setLength(0);
    hasData = false;
    events.accept(new Event(eventType, datum));
  }
}
