package ai.falaj.benchmarks.simulation.calibration;

import ai.falaj.benchmarks.simulation.calibration.StepGrid.Cell;
import ai.falaj.benchmarks.simulation.cost.StepSample;
import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.KvCacheException;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A real context that computes steps of given sizes on random tokens and says how long each took,
 * choosing the most likely token of each sampling sequence included. Confined to one thread.
 */
final class MeasuredEngine implements AutoCloseable {

  private static final long TOKEN_SEED = 20260911;

  private final CalibrationSettings settings;
  private final LlamaContext context;
  private final TokenBatch batch;
  private final int vocabularySize;
  private final int[] positions;
  private int movedSlot;
  private final Random random = new Random(TOKEN_SEED);

  MeasuredEngine(LlamaModel model, CalibrationSettings settings) throws RuntimeLoadException {
    this.settings = settings;
    this.vocabularySize = model.vocabulary().size();
    this.positions = new int[settings.maxSequences()];
    int maxBatchTokens = settings.contextTokensPerSequence() / 2 + settings.maxSequences();
    this.context =
        LlamaContext.create(
            model,
            new ContextSettings(
                settings.maxSequences(),
                settings.contextTokensPerSequence(),
                maxBatchTokens,
                Math.min(settings.microBatchTokens(), maxBatchTokens),
                settings.threads()));
    this.batch = new TokenBatch(maxBatchTokens);
  }

  /**
   * The shortest of several measurements of one step, as whatever else a machine does only makes
   * them longer. Decoding sequences grow by a token with each.
   */
  StepSample measure(Cell cell) throws KvCacheException {
    movedSlot = 0;
    fill(cell);
    StepSample shortest = null;
    for (int repetition = 0; repetition < settings.repetitions(); repetition++) {
      if (cell.chunk() > 0) {
        refill(cell.decoding(), cell.chunkPosition());
      }
      StepSample sample = new StepSample(shape(cell, repetition), step(cell));
      if (shortest == null || sample.nanos() < shortest.nanos()) {
        shortest = sample;
      }
    }
    return shortest;
  }

  @Override
  public void close() {
    batch.close();
    context.close();
  }

  private StepShape shape(Cell cell, int repetition) {
    List<StepShape.Work> work = new ArrayList<>();
    for (int slot = 0; slot < cell.decoding(); slot++) {
      work.add(new StepShape.Work(slot, slot, cell.depth() + repetition, 1, true));
    }
    if (cell.chunk() > 0) {
      int slot = cell.decoding();
      work.add(new StepShape.Work(slot, slot, cell.chunkPosition(), cell.chunk(), true));
    }
    return new StepShape(work, cell.moves() ? cell.depth() + repetition : 0);
  }

  private void fill(Cell cell) throws KvCacheException {
    for (int slot = 0; slot < cell.decoding(); slot++) {
      refill(slot, cell.depth());
    }
  }

  /** Makes a slot hold so many tokens, from what is there already as far as possible. */
  private void refill(int slot, int tokens) throws KvCacheException {
    int donor = fullestSlot(tokens);
    if (positions[slot] >= tokens) {
      context.trimSequence(slot, tokens);
    } else if (positions[donor] >= tokens) {
      context.copySequence(donor, slot, tokens);
    } else {
      context.clearSequence(slot);
      positions[slot] = 0;
      batch.clear();
      add(slot, tokens);
      decode();
    }
    positions[slot] = tokens;
  }

  /** A slot with so many tokens, else the one with the most. */
  private int fullestSlot(int tokens) {
    int fullest = 0;
    for (int slot = 1; slot < positions.length && positions[fullest] < tokens; slot++) {
      fullest = positions[slot] > positions[fullest] ? slot : fullest;
    }
    return fullest;
  }

  /** Nanoseconds of a step, from the copy before it to the last token chosen. */
  private long step(Cell cell) throws KvCacheException {
    long start = System.nanoTime();
    int first = cell.moves() ? moveFirstSlot() : 0;
    batch.clear();
    for (int slot = first; slot < first + cell.decoding(); slot++) {
      add(slot, 1);
    }
    if (cell.chunk() > 0) {
      add(cell.decoding(), cell.chunk());
    }
    decode();
    for (int row = 0; row < cell.sequences(); row++) {
      mostLikely(context.logits(row));
    }
    return System.nanoTime() - start;
  }

  /** Moves the one sequence between the first and the last slot; returns where it is now. */
  private int moveFirstSlot() throws KvCacheException {
    int to = settings.maxSequences() - 1 - movedSlot;
    int from = movedSlot;
    movedSlot = to;
    context.copySequence(from, to, positions[from]);
    context.clearSequence(from);
    positions[to] = positions[from];
    positions[from] = 0;
    return to;
  }

  /** Random tokens, the last of which samples. */
  private void add(int slot, int tokens) {
    for (int index = 1; index <= tokens; index++) {
      batch.add(random.nextInt(vocabularySize), positions[slot]++, slot, index == tokens);
    }
  }

  private void decode() {
    int code = context.decode(batch);
    if (code != 0) {
      throw new IllegalStateException("llama_decode returned " + code + " in a calibration");
    }
  }

  private int mostLikely(float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    return best;
  }
}
