package ai.falaj.runtime.llamacpp.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How far a sequence's logits depend on what else is in the batch: what seeds cannot make up for.
 * docs/SAMPLING.md quotes what is seen here.
 */
class BatchShapeIT {

  private static final String MODEL = "smollm2-135m-instruct";
  private static final int SEQUENCES = 16;
  private static final int THREADS = 2;

  /** As in GreedyEqualityIT: what rounding may turn round. */
  private static final float NEAR_TIE = 0.15f;

  private static LlamaModel model;

  @BeforeAll
  static void loadModel() throws Exception {
    ModelStore store = ModelStore.fromEnvironment();
    store.pull(MODEL, ProgressListener.NONE);
    LlamaLibraries installed = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    LlamaBackend backend =
        LlamaBackend.load(installed.folder(), installed.llamaLibrary(), installed.ggmlLibrary());
    model = LlamaModel.load(backend, new ModelSource(store.resolve(MODEL), OptionalInt.of(0)));
  }

  @AfterAll
  static void closeModel() {
    model.close();
  }

  @Test
  void theSameBatchesGiveTheSameLogits() throws Exception {
    assertThat(logits(1, prompt().length)).containsExactly(logits(1, prompt().length));
    assertThat(logits(SEQUENCES, 3)).containsExactly(logits(SEQUENCES, 3));
  }

  /** Or the tests below would compare nothing. */
  @Test
  void anotherPromptGivesOtherLogits() throws Exception {
    float[] logits = logits(1, prompt().length, prompt());
    int[] other = prompt();
    other[0]++;
    assertThat(largestDifference(logits, logits(1, prompt().length, other)))
        .isGreaterThan(NEAR_TIE);
  }

  @Test
  void neighboursChangeLogitsByRoundingAtMost() throws Exception {
    float[] alone = logits(1, prompt().length);
    for (int sequences = 2; sequences <= SEQUENCES; sequences *= 4) {
      assertThat(largestDifference(alone, logits(sequences, prompt().length)))
          .as("%d sequences", sequences)
          .isLessThan(NEAR_TIE);
    }
  }

  @Test
  void chunksOfThePromptChangeLogitsByRoundingAtMost() throws Exception {
    float[] whole = logits(1, prompt().length);
    for (int chunkTokens : new int[] {1, 3, 16}) {
      assertThat(largestDifference(whole, logits(1, chunkTokens)))
          .as("chunks of %d", chunkTokens)
          .isLessThan(NEAR_TIE);
    }
  }

  /**
   * Logits of the first of some sequences, after its prompt was prefilled in chunks, each beside
   * one token of every neighbour.
   */
  private static float[] logits(int sequences, int chunkTokens) throws Exception {
    return logits(sequences, chunkTokens, prompt());
  }

  private static float[] logits(int sequences, int chunkTokens, int[] prompt) throws Exception {
    ContextSettings settings = new ContextSettings(SEQUENCES, 256, 256, 256, THREADS);
    int row = -1;
    try (LlamaContext context = LlamaContext.create(model, settings);
        TokenBatch batch = new TokenBatch(256)) {
      int step = 0;
      for (int start = 0; start < prompt.length; start += chunkTokens) {
        batch.clear();
        for (int at = start; at < Math.min(prompt.length, start + chunkTokens); at++) {
          row = batch.add(prompt[at], at, 0, at == prompt.length - 1);
        }
        for (int neighbour = 1; neighbour < sequences; neighbour++) {
          batch.add(1_000 + neighbour, step, neighbour, true);
        }
        step++;
        assertThat(context.decode(batch)).isZero();
      }
      return context.logits(row).clone();
    }
  }

  private static int[] prompt() {
    return model
        .vocabulary()
        .tokenize("Water runs through a channel to the palm trees.", true, false);
  }

  private static float largestDifference(float[] left, float[] right) {
    float largest = 0;
    for (int index = 0; index < left.length; index++) {
      largest = Math.max(largest, Math.abs(left[index] - right[index]));
    }
    return largest;
  }
}
