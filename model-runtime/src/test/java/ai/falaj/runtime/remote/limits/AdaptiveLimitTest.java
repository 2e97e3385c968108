package ai.falaj.runtime.remote.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.falaj.runtime.remote.limits.AdaptiveLimit.Bounds;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdaptiveLimitTest {

  private static final long MS = 1_000_000;

  /**
   * A server with so many slots: a request's first token comes 200 ms after it has one, and it
   * keeps it for a second. The client always has more to ask.
   */
  private static final class SimulatedServer {

    private record Request(long sentAt, long firstTokenAt, long endAt) {}

    private final int slots;
    private final PriorityQueue<Long> slotsFreeAt = new PriorityQueue<>();
    private final PriorityQueue<Request> firstTokens =
        new PriorityQueue<>((a, b) -> Long.compare(a.firstTokenAt(), b.firstTokenAt()));
    private final PriorityQueue<Request> ends =
        new PriorityQueue<>((a, b) -> Long.compare(a.endAt(), b.endAt()));
    private final Random random = new Random(1);
    private int inFlight;
    private long now;

    SimulatedServer(int slots) {
      this.slots = slots;
      for (int i = 0; i < slots; i++) {
        slotsFreeAt.add(0L);
      }
    }

    /** Returns the limits at the end of each second. */
    int[] run(AdaptiveLimit limit, int seconds) {
      int[] limits = new int[seconds];
      for (int second = 0; second < seconds; second++) {
        long end = (second + 1) * 1_000 * MS;
        while (now < end) {
          while (inFlight < limit.limit()) {
            send();
          }
          boolean tokenNext =
              !firstTokens.isEmpty() && firstTokens.peek().firstTokenAt() <= ends.peek().endAt();
          if (tokenNext) {
            Request request = firstTokens.poll();
            now = request.firstTokenAt();
            limit.onFirstToken(now, now - request.sentAt(), inFlight);
          } else {
            now = ends.poll().endAt();
            inFlight--;
          }
        }
        limits[second] = limit.limit();
      }
      return limits;
    }

    private void send() {
      long start = Math.max(now, slotsFreeAt.poll());
      long jitter = random.nextInt(20) * MS;
      Request request = new Request(now, start + 200 * MS + jitter, start + 1_000 * MS + jitter);
      slotsFreeAt.add(request.endAt());
      firstTokens.add(request);
      ends.add(request);
      inFlight++;
    }

    int slots() {
      return slots;
    }
  }

  @Test
  void growsToTheMostWithinSecondsWhereTheServerBearsIt() {
    AdaptiveLimit limit = new AdaptiveLimit(new Bounds(32, 1, 512));
    int[] limits = new SimulatedServer(10_000).run(limit, 5);

    assertThat(limits[1]).isEqualTo(512);
    assertThat(limits[4]).isEqualTo(512);
  }

  @ParameterizedTest
  @CsvSource({"8", "50", "200"})
  void staysNearWhatTheServerBears(int slots) {
    SimulatedServer server = new SimulatedServer(slots);
    AdaptiveLimit limit = new AdaptiveLimit(new Bounds(4, 1, 10_000));
    int[] limits = server.run(limit, 120);

    for (int second = 60; second < 120; second++) {
      assertThat(limits[second])
          .as("limit after %d s with %d slots", second, server.slots())
          .isBetween(slots / 2, 3 * slots);
    }
  }

  @Test
  void lowersTheLimitOncePerWindowHoweverManyAreRefused() {
    AdaptiveLimit limit = new AdaptiveLimit(new Bounds(100, 1, 200));
    for (int i = 0; i < 50; i++) {
      limit.onRejected(i * MS, 100);
    }
    assertThat(limit.limit()).isEqualTo(70);

    limit.onRejected(500 * MS, 70);
    assertThat(limit.limit()).isEqualTo(49);
  }

  @Test
  void startsFromWhatWasUnderWayWhenItIsRefused() {
    AdaptiveLimit limit = new AdaptiveLimit(new Bounds(100, 1, 200));
    limit.onRejected(0, 10);
    assertThat(limit.limit()).isEqualTo(7);
  }

  @Test
  void doesNotGrowWhileItIsNotUsed() {
    AdaptiveLimit limit = new AdaptiveLimit(new Bounds(32, 1, 512));
    for (int i = 0; i < 1_000; i++) {
      limit.onFirstToken(i * 50 * MS, 200 * MS, 3);
    }
    assertThat(limit.limit()).isEqualTo(32);
  }

  @Test
  void keepsAFixedLimit() {
    AdaptiveLimit limit = new AdaptiveLimit(Bounds.fixed(5));
    limit.onRejected(0, 5);
    for (int i = 1; i < 100; i++) {
      limit.onFirstToken(i * 50 * MS, 200 * MS, 5);
    }
    assertThat(limit.limit()).isEqualTo(5);
  }

  @Test
  void refusesBoundsThatAreNoRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bounds(5, 6, 10))
        .withMessageContaining("between 6 and 10");
  }
}
