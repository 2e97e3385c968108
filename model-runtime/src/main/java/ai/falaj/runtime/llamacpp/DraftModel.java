package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guesses what a smaller model of the same vocabulary would write, greedily.
 *
 * <p>Keeps the KV entries of as many sequences as may be guessed for at once; each holds a
 * beginning of the sequence and, after wrong guesses, some tokens that are forgotten the next time.
 * A draft model that fails only costs its guesses. Confined to the decode thread.
 */
final class DraftModel implements DraftSource {

  private static final Logger LOG = LoggerFactory.getLogger(DraftModel.class);

  private static final int BATCH_TOKENS = 512;

  private final LlamaModel model;
  private final LlamaContext context;
  private final TokenBatch batch;

  /** What each slot holds, by sequence; least recently used first. */
  private final Map<Long, Held> heldBySequence = new LinkedHashMap<>(16, 0.75f, true);

  private final int slots;
  private final int contextTokens;
  private boolean closed;

  private DraftModel(LlamaModel model, LlamaContext context, int slots, int contextTokens) {
    this.model = model;
    this.context = context;
    this.batch = new TokenBatch(BATCH_TOKENS);
    this.slots = slots;
    this.contextTokens = contextTokens;
  }

  private static final class Held {
    private final int slot;
    private int[] tokens = {};

    Held(int slot) {
      this.slot = slot;
    }
  }

  /**
   * Takes over the model, which is closed with this or if this fails.
   *
   * @param target vocabulary of the model that verifies
   * @param sequences that are guessed for at once
   * @param contextTokens of one sequence; where the draft model was trained with fewer, it guesses
   *     for shorter sequences only
   * @throws RuntimeLoadException if the vocabularies differ or the context cannot be created
   */
  static DraftModel of(
      LlamaModel model, Vocabulary target, int sequences, int contextTokens, int threads)
      throws RuntimeLoadException {
    try {
      requireSameVocabulary(model.vocabulary(), target);
      int shorter = Math.min(contextTokens, model.trainedContextTokens());
      ContextSettings settings =
          new ContextSettings(sequences, shorter, BATCH_TOKENS, BATCH_TOKENS, threads);
      return new DraftModel(model, LlamaContext.create(model, settings), sequences, shorter);
    } catch (RuntimeLoadException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  @Override
  public int[] propose(SampleRun run, int most) {
    if (run.tokenCount() + most > contextTokens) {
      return new int[0];
    }
    Held held = heldOf(run.sequenceId());
    int size = run.tokenCount();
    int kept = Math.min(commonLength(held.tokens, run), size - 1);
    context.trimSequence(held.slot, kept);
    int[] guesses = new int[most];
    int guessed = 0;
    int[] tokens = new int[size + most];
    for (int position = 0; position < size; position++) {
      tokens[position] = run.token(position);
    }
    int computed = kept;
    while (guessed < most) {
      if (!compute(tokens, computed, size + guessed, held.slot)) {
        return new int[0];
      }
      computed = size + guessed;
      held.tokens = Arrays.copyOf(tokens, computed);
      int token = indexOfMaximum(context.logits(0));
      guesses[guessed] = token;
      tokens[size + guessed] = token;
      guessed++;
      if (model.vocabulary().isEndOfGeneration(token)) {
        break;
      }
    }
    return Arrays.copyOf(guesses, guessed);
  }

  @Override
  public void forget(SampleRun run) {
    Held held = heldBySequence.get(run.sequenceId());
    if (held != null) {
      // Least recently used from now on: its slot is the next to be taken.
      heldBySequence.remove(run.sequenceId());
      Map<Long, Held> rest = new LinkedHashMap<>(heldBySequence);
      heldBySequence.clear();
      heldBySequence.put(run.sequenceId(), held);
      heldBySequence.putAll(rest);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      batch.close();
      context.close();
      model.close();
    }
  }

  private Held heldOf(long sequence) {
    Held held = heldBySequence.get(sequence);
    if (held == null) {
      held = heldBySequence.size() < slots ? new Held(heldBySequence.size()) : takeOldest();
      heldBySequence.put(sequence, held);
    }
    return held;
  }

  private Held takeOldest() {
    Iterator<Held> oldest = heldBySequence.values().iterator();
    Held held = oldest.next();
    oldest.remove();
    return held;
  }

  private static int commonLength(int[] held, SampleRun run) {
    int most = Math.min(held.length, run.tokenCount());
    for (int position = 0; position < most; position++) {
      if (held[position] != run.token(position)) {
        return position;
      }
    }
    return most;
  }

  /** Computes tokens behind those that the slot holds; the logits of the last one are row 0. */
  private boolean compute(int[] tokens, int from, int to, int slot) {
    for (int start = from; start < to; start += BATCH_TOKENS) {
      int end = Math.min(to, start + BATCH_TOKENS);
      batch.clear();
      for (int position = start; position < end; position++) {
        batch.add(tokens[position], position, slot, position == to - 1);
      }
      int code = context.decode(batch);
      if (code != 0) {
        LOG.warn("The draft model failed with {}; it guesses nothing this time", code);
        context.clear();
        heldBySequence.clear();
        return false;
      }
    }
    return true;
  }

  private static int indexOfMaximum(float[] values) {
    int best = 0;
    for (int index = 1; index < values.length; index++) {
      if (values[index] > values[best]) {
        best = index;
      }
    }
    return best;
  }

  private static void requireSameVocabulary(Vocabulary draft, Vocabulary target)
      throws RuntimeLoadException {
    if (draft.size() != target.size()) {
      throw new RuntimeLoadException(
          "the draft model has %d tokens and the model %d; speculation needs one vocabulary for both"
              .formatted(draft.size(), target.size()));
    }
    for (int token = 0; token < target.size(); token++) {
      if (!Arrays.equals(draft.piece(token), target.piece(token))) {
        throw new RuntimeLoadException(
            "token %d of the draft model differs from the model's; speculation needs one vocabulary for both"
                .formatted(token));
      }
    }
  }
}
