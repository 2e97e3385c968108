package ai.falaj.runtime.remote.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.remote.http.SseParser.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseParserTest {

  private static final String STREAM =
      "\uFEFF: a comment\n"
          + "data: {\"text\":\"فلج 😀\"}\n\n"
          + "event: message_stop\r\ndata:one\r\ndata: two\r\n\r\n"
          + "id: 7\rretry: 100\rdata:  padded\r\r"
          + "event: ping\n\n"
          + "error: {\"code\":500}\n\n"
          + "data\n\n"
          + "data: never ended";

  private static final List<Event> EVENTS =
      List.of(
          new Event("", "{\"text\":\"فلج 😀\"}"),
          new Event("message_stop", "one\ntwo"),
          new Event("", " padded"),
          new Event("error", "{\"code\":500}"),
          new Event("", ""));

  @Test
  void readsTheSameEventsWhereverTheBytesAreCut() {
    byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
    for (int cut = 0; cut <= bytes.length; cut++) {
      assertThat(eventsOf(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length)))
          .as("cut at byte %d", cut)
          .isEqualTo(EVENTS);
    }
  }

  @Test
  void readsTheSameEventsByteByByte() {
    byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
    byte[][] parts = new byte[bytes.length][];
    for (int i = 0; i < bytes.length; i++) {
      parts[i] = new byte[] {bytes[i]};
    }
    assertThat(eventsOf(parts)).isEqualTo(EVENTS);
  }

  @Test
  void refusesALineThatDoesNotEnd() {
    SseParser parser = new SseParser(event -> {});
    ByteBuffer megabyte = ByteBuffer.wrap(new byte[1 << 20]);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 20; i++) {
                parser.accept(megabyte.duplicate());
              }
            })
        .isInstanceOf(SseParser.LineTooLongException.class)
        .hasMessageContaining("longer than");
  }

  private static List<Event> eventsOf(byte[]... parts) {
    List<Event> events = new ArrayList<>();
    SseParser parser = new SseParser(events::add);
    for (byte[] part : parts) {
      parser.accept(ByteBuffer.wrap(part));
    }
    return events;
  }
}
