package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.KvCacheException;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LoraAdapters;
import ai.falaj.runtime.llamacpp.ffi.SequenceState;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.llamacpp.ffi.WarmUp;
import ai.falaj.runtime.scheduler.KvOperation;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes steps with llama.cpp: changes of KV entries, then one {@code llama_decode}. Holds the
 * prefixes that the scheduler had saved. Confined to the decode thread.
 */
final class LlamaStepExecutor implements StepExecutor {

  private static final Logger LOG = LoggerFactory.getLogger(LlamaStepExecutor.class);

  private final LlamaContext context;
  private final TokenBatch batch;
  private final IntConsumer activateAdapter;
  private final Map<Integer, SequenceState> saved = new HashMap<>();

  /** Row of the first logits of each work. */
  private int[] firstRows = new int[0];

  /**
   * @param activateAdapter makes the context compute with the adapter of that number; 0 for none
   */
  LlamaStepExecutor(LlamaContext context, TokenBatch batch, IntConsumer activateAdapter) {
    this.context = context;
    this.batch = batch;
    this.activateAdapter = activateAdapter;
  }

  @Override
  public void execute(StepPlan plan, List<SampleRun> runs) throws StepFailedException {
    try {
      for (KvOperation operation : plan.operations()) {
        execute(operation);
      }
    } catch (KvCacheException e) {
      forgetAll();
      throw new StepFailedException(e.getMessage());
    }
    activateAdapter.accept(plan.adapter());
    fillBatch(plan, runs);
    int code = context.decode(batch);
    if (code != 0) {
      forgetAll();
      throw new StepFailedException(
          "llama_decode returned %d for %d tokens of %d sequences"
              .formatted(code, plan.tokens(), plan.work().size()));
    }
  }

  @Override
  public float[] logits(int work, int guess) {
    return context.logits(firstRows[work] + guess);
  }

  @Override
  public void trim(int slot, int keepTokens) {
    context.trimSequence(slot, keepTokens);
  }

  @Override
  public boolean isUsable() {
    activateAdapter.accept(LoraAdapters.NONE);
    try {
      WarmUp.run(context, batch, 1);
      return true;
    } catch (RuntimeLoadException e) {
      LOG.error("After a step that failed, {}", e.getMessage());
      context.clear();
      return false;
    }
  }

  @Override
  public void close() {
    saved.values().forEach(SequenceState::close);
    saved.clear();
  }

  private void execute(KvOperation operation) throws KvCacheException {
    if (operation instanceof KvOperation.Trim trim) {
      context.trimSequence(trim.slot(), trim.keepTokens());
    } else if (operation instanceof KvOperation.Copy copy) {
      context.copySequence(copy.fromSlot(), copy.toSlot(), copy.tokens());
    } else if (operation instanceof KvOperation.Save save) {
      context.trimSequence(save.slot(), save.tokens());
      saved.put(save.entry(), context.saveSequence(save.slot()));
    } else if (operation instanceof KvOperation.Restore restore) {
      context.restoreSequence(saved.get(restore.entry()), restore.slot(), restore.tokens());
    } else {
      saved.remove(((KvOperation.Drop) operation).entry()).close();
    }
  }

  private void fillBatch(StepPlan plan, List<SampleRun> runs) {
    batch.clear();
    firstRows = new int[runs.size()];
    for (int index = 0; index < firstRows.length; index++) {
      SequenceWork work = plan.work().get(index);
      SampleRun run = runs.get(index);
      int end = work.position() + work.tokenCount();
      for (int position = work.position(); position < end; position++) {
        boolean output = work.samples() && position == end - 1;
        firstRows[index] = batch.add(run.token(position), position, work.slot(), output);
      }
      for (int guess = 0; guess < work.drafts(); guess++) {
        batch.add(run.draft(guess), end + guess, work.slot(), true);
      }
    }
  }

  private void forgetAll() {
    context.clear();
    close();
  }
}
