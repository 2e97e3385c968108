package ai.falaj.benchmarks.simulation.cost;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.benchmarks.simulation.cost.StepShape.Work;
import ai.falaj.runtime.llamacpp.KvLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each expectation was read off llama.cpp's split_equal and split_simple. */
class GraphSplitterTest {

  private final GraphSplitter own = new GraphSplitter(KvLayout.PER_SEQUENCE, 512);
  private final GraphSplitter shared = new GraphSplitter(KvLayout.SHARED, 512);

  @Test
  void decodesNeighboursInOneGraph() {
    assertThat(own.split(decoding(0, 1, 2, 3))).containsExactly(new Graph(4, 4 * 256, 4 * 256));
  }

  @Test
  void startsAnotherGraphAfterAGap() {
    assertThat(own.split(decoding(0, 1, 3)))
        .containsExactly(new Graph(2, 2 * 256, 2 * 256), new Graph(1, 256, 256));
  }

  @Test
  void takesOneTokenOfAPromptWithTheDecodingOnesAndTheRestAlone() {
    StepShape step = new StepShape(List.of(decode(0), prompt(1, 0, 101), decode(2)), 0);

    assertThat(own.split(step))
        .containsExactly(new Graph(3, 3 * 256, 3 * 256), new Graph(100, 256, 100 * 256));
  }

  @Test
  void cutsAPromptAtTheMicroBatch() {
    assertThat(own.split(new StepShape(List.of(prompt(0, 0, 1100)), 0)))
        .extracting(Graph::tokens)
        .containsExactly(512, 512, 76);
  }

  @Test
  void sharesTheMicroBatchEquallyBetweenPrompts() {
    StepShape step = new StepShape(List.of(prompt(0, 0, 300), prompt(1, 0, 400)), 0);

    assertThat(own.split(step)).extracting(Graph::tokens).containsExactly(512, 88, 100);
  }

  @Test
  void attendsTheLongestContextOfAGraphForAll() {
    StepShape step =
        new StepShape(List.of(new Work(0, 0, 10, 1, true), new Work(1, 1, 1000, 1, true)), 0);

    assertThat(own.split(step)).containsExactly(new Graph(2, 2 * 1024, 2 * 1024));
  }

  @Test
  void attendsTheWholePoolWhereItIsShared() {
    StepShape step =
        new StepShape(List.of(new Work(0, 0, 255, 1, true), new Work(1, 5, 255, 1, true)), 0);

    assertThat(shared.split(step)).containsExactly(new Graph(2, 512, 2 * 512));
  }

  @Test
  void losesNoToken() {
    StepShape step =
        new StepShape(
            List.of(decode(0), prompt(1, 7, 333), decode(2), prompt(4, 0, 700), decode(5)), 0);

    assertThat(own.split(step).stream().mapToInt(Graph::tokens).sum()).isEqualTo(step.tokens());
    assertThat(shared.split(step).stream().mapToInt(Graph::tokens).sum()).isEqualTo(step.tokens());
  }

  private static StepShape decoding(int... slots) {
    List<Work> work = new ArrayList<>();
    for (int slot : slots) {
      work.add(decode(slot));
    }
    return new StepShape(work, 0);
  }

  private static Work decode(int slot) {
    return new Work(slot, slot, 100, 1, true);
  }

  private static Work prompt(int slot, int position, int tokens) {
    return new Work(slot, slot, position, tokens, true);
  }
}
