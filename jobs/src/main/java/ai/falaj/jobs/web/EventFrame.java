package ai.falaj.jobs.web;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Server-sent events as bytes. JSON has no raw line breaks, so an event's data is one line. */
public final class EventFrame {

  private static final byte[] EVENT = ascii("event: ");
  private static final byte[] DATA = ascii("data: ");
  private static final byte[] END = ascii("\n\n");

  private EventFrame() {}

  /**
   * A named event.
   *
   * @param json without line breaks, as {@link WebJson#bytes} writes it
   */
  public static byte[] named(String name, byte[] json) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(json.length + name.length() + 24);
    frame.writeBytes(EVENT);
    frame.writeBytes(ascii(name));
    frame.write('\n');
    frame.writeBytes(DATA);
    frame.writeBytes(json);
    frame.writeBytes(END);
    return frame.toByteArray();
  }

  /** An event without a name, as OpenAI's streams have them. */
  public static byte[] data(byte[] json) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(json.length + 8);
    frame.writeBytes(DATA);
    frame.writeBytes(json);
    frame.writeBytes(END);
    return frame.toByteArray();
  }

  /** A comment, which clients skip: shows that the connection lives. */
  public static byte[] comment(String text) {
    return ascii(": " + text + "\n\n");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
