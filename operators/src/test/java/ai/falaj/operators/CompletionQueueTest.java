package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompletionQueueTest {

  private final List<String> left = new ArrayList<>();

  private CompletionQueue<String> queue(ResultOrder order) {
    return new CompletionQueue<>(
        order,
        new CompletionQueue.Downstream<>() {
          @Override
          public void emit(String element) {
            left.add(element);
          }

          @Override
          public void emitWatermark(Watermark watermark) {
            left.add("W" + watermark.getTimestamp());
          }

          @Override
          public void emitStatus(WatermarkStatus status) {
            left.add(status.isIdle() ? "IDLE" : "ACTIVE");
          }
        });
  }

  @Test
  void aWatermarkWithoutElementsBeforeItLeavesAtOnce() throws Exception {
    CompletionQueue<String> queue = queue(ResultOrder.UNORDERED);
    queue.addWatermark(new Watermark(1));
    queue.add("a", Optional.empty());
    queue.addWatermark(new Watermark(2));
    assertThat(left).containsExactly("W1");
  }

  @Test
  void aResultNeedNotWaitForAnEarlierWatermark() throws Exception {
    CompletionQueue<String> queue = queue(ResultOrder.UNORDERED);
    var slow = queue.add("slow", Optional.empty());
    queue.addWatermark(new Watermark(1));
    var fast = queue.add("fast", Optional.empty());
    queue.complete(fast);
    queue.complete(slow);
    assertThat(left).containsExactly("fast", "slow", "W1");
  }

  @Test
  void keepsOnlyTheLastWatermarkBetweenTwoElements() throws Exception {
    CompletionQueue<String> queue = queue(ResultOrder.ORDERED);
    var a = queue.add("a", Optional.empty());
    for (int i = 1; i <= 1_000; i++) {
      queue.addWatermark(new Watermark(i));
    }
    var b = queue.add("b", Optional.empty());
    queue.addWatermark(new Watermark(2_000));
    queue.complete(a);
    queue.complete(b);
    assertThat(left).containsExactly("a", "W1000", "b", "W2000");
  }

  @Test
  void anInputIsNotIdleWhileResultsAreToCome() throws Exception {
    CompletionQueue<String> queue = queue(ResultOrder.UNORDERED);
    var a = queue.add("a", Optional.empty());
    queue.addWatermark(new Watermark(1));
    queue.addStatus(WatermarkStatus.IDLE);
    assertThat(left).isEmpty();
    queue.complete(a);
    assertThat(left).containsExactly("a", "W1", "IDLE");
  }

  @Test
  void anInputIsActiveBeforeItsNextWatermark() throws Exception {
    CompletionQueue<String> queue = queue(ResultOrder.UNORDERED);
    queue.addStatus(WatermarkStatus.IDLE);
    var a = queue.add("a", Optional.empty());
    queue.addStatus(WatermarkStatus.ACTIVE);
    queue.addWatermark(new Watermark(1));
    queue.complete(a);
    assertThat(left).containsExactly("IDLE", "a", "ACTIVE", "W1");
  }

  @Test
  void refusesASecondCompletion() throws Exception {
    CompletionQueue<String> queue = queue(ResultOrder.UNORDERED);
    var a = queue.add("a", Optional.empty());
    queue.complete(a);
    assertThatThrownBy(() -> queue.complete(a))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a");
  }

  @Test
  void elementsWithoutAKeyWaitForNoOther() throws Exception {
    CompletionQueue<String> queue = queue(ResultOrder.KEY_ORDERED);
    queue.add("a", Optional.empty());
    queue.complete(queue.add("b", Optional.empty()));
    assertThat(left).containsExactly("b");
  }

  /** Random arrivals, ends and watermarks: each leaves once, in order, and none is late. */
  @ParameterizedTest
  @EnumSource(ResultOrder.class)
  void holdsItsPromisesWhateverTheOrderOfCompletions(ResultOrder order) throws Exception {
    for (long seed = 0; seed < 200; seed++) {
      left.clear();
      Random random = new Random(seed);
      CompletionQueue<String> queue = queue(order);
      List<CompletionQueue.Entry<String>> open = new ArrayList<>();
      Map<String, Integer> watermarksBefore = new HashMap<>();
      int added = 0;
      int watermark = 0;
      while (added < 50 || !open.isEmpty()) {
        int choice = random.nextInt(5);
        if (choice == 0) {
          queue.addWatermark(new Watermark(++watermark));
        } else if (choice < 3 && added < 50) {
          String key = "k" + random.nextInt(3);
          String name = key + "-" + String.format("%02d", added++);
          watermarksBefore.put(name, watermark);
          open.add(queue.add(name, Optional.of(key)));
        } else if (!open.isEmpty()) {
          queue.complete(open.remove(random.nextInt(open.size())));
        }
      }

      assertThat(queue.isEmpty()).isTrue();
      assertThat(left.stream().filter(e -> e.startsWith("k")))
          .as("seed %d", seed)
          .hasSize(50)
          .doesNotHaveDuplicates();
      int passed = 0;
      for (String element : left) {
        if (element.startsWith("W")) {
          passed = Integer.parseInt(element.substring(1));
        } else {
          assertThat(passed)
              .as("watermark before %s, seed %d", element, seed)
              .isLessThanOrEqualTo(watermarksBefore.get(element));
        }
      }
      assertOrder(order, seed);
    }
  }

  private void assertOrder(ResultOrder order, long seed) {
    List<String> elements = left.stream().filter(e -> e.startsWith("k")).toList();
    if (order == ResultOrder.ORDERED) {
      assertThat(elements.stream().map(e -> e.substring(3))).as("seed %d", seed).isSorted();
    } else if (order == ResultOrder.KEY_ORDERED) {
      for (String key : List.of("k0", "k1", "k2")) {
        assertThat(elements.stream().filter(e -> e.startsWith(key))).as("seed %d", seed).isSorted();
      }
    }
  }
}
