package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WaitingQueueTest {

  private final WaitingQueue queue = new WaitingQueue();

  @Test
  void ordersByPriorityThenArrival() {
    add(1, 0);
    add(2, 5);
    add(3, 5);
    add(4, Integer.MIN_VALUE);
    add(5, Integer.MAX_VALUE);

    for (long expected : new long[] {5, 2, 3, 1, 4}) {
      assertThat(queue.first()).map(SequenceRequest::id).contains(expected);
      assertThat(queue.remove(expected)).isTrue();
    }
    assertThat(queue.first()).isEmpty();
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void removesOnlyWhatWaits() {
    add(1, 0);

    assertThat(queue.remove(2)).isFalse();
    assertThat(queue.remove(1)).isTrue();
    assertThat(queue.remove(1)).isFalse();
    assertThat(queue.contains(1)).isFalse();
    assertThat(queue.size()).isZero();
  }

  @Test
  void removesTheExpiredEarliestDeadlineFirst() {
    addWithDeadline(1, 30);
    addWithDeadline(2, 10);
    add(3, 0);
    addWithDeadline(4, 31);
    addWithDeadline(5, 10);
    queue.remove(5);

    assertThat(queue.removeExpired(9)).isEmpty();
    assertThat(queue.removeExpired(30)).extracting(SequenceRequest::id).containsExactly(2L, 1L);
    assertThat(queue.removeExpired(30)).isEmpty();
    assertThat(queue.size()).isEqualTo(2);
  }

  private void add(long id, int priority) {
    queue.add(new SequenceRequest(id, 1, priority, OptionalLong.empty()));
  }

  private void addWithDeadline(long id, long deadlineMs) {
    queue.add(new SequenceRequest(id, 1, 0, OptionalLong.of(deadlineMs)));
  }
}
