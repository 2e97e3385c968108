package ai.falaj.jobs.dashboard.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PageTest {

  private final Page page =
      new Page(Set.of(EventKind.OVERVIEW, EventKind.CHUNKS), Optional.empty(), bytes("hello"));

  private static byte[] bytes(String frame) {
    return frame.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> drain() {
    List<String> frames = new ArrayList<>();
    for (Optional<byte[]> frame = page.next(); frame.isPresent(); frame = page.next()) {
      frames.add(new String(frame.get(), StandardCharsets.UTF_8));
    }
    return frames;
  }

  @Test
  void greetsBeforeAnythingElse() {
    page.offer(bytes("a"), Loss.CHUNKS, 1);
    page.replace(EventKind.RUNNING, bytes("figures"));

    assertThat(drain()).containsExactly("hello", "figures", "a");
    assertThat(drain()).isEmpty();
  }

  @Test
  void keepsOnlyTheLatestFigures() {
    drain();
    for (int second = 0; second < 100; second++) {
      page.replace(EventKind.RUNNING, bytes("running " + second));
      page.replace(EventKind.WORKERS, bytes("workers " + second));
    }

    assertThat(drain()).containsExactly("running 99", "workers 99");
  }

  @Test
  void tellsThatChangesOfOverviewsWereReplaced() {
    drain();
    page.replace(EventKind.OVERVIEW, bytes("1"));
    page.replace(EventKind.OVERVIEW, bytes("2"));

    assertThat(drain()).first().isEqualTo("2");
    page.replace(EventKind.OVERVIEW, bytes("3"));
    page.replace(EventKind.OVERVIEW, bytes("4"));
    assertThat(drain()).anyMatch(frame -> frame.contains("event: lost"));
  }

  @Test
  void dropsWhatDoesNotFitAndTellsHowMuch() {
    drain();
    byte[] frame = new byte[Page.MOST_BYTES / 4];
    for (int sent = 0; sent < 6; sent++) {
      page.offer(frame, Loss.CHUNKS, 10);
    }

    List<String> frames = drain();

    assertThat(frames).hasSize(5);
    assertThat(frames.get(4)).contains("event: lost", "\"chunks\":20");
    page.offer(bytes("after"), Loss.CHUNKS, 1);
    assertThat(drain()).containsExactly("after");
  }

  @Test
  void letsOneFramePassHoweverLargeItIs() {
    drain();
    page.offer(new byte[2 * Page.MOST_BYTES], Loss.CHUNKS, 1);

    assertThat(page.next()).hasValueSatisfying(frame -> assertThat(frame).hasSize(2 << 20));
  }
}
