package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepPlan.SlotMove;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes steps with llama.cpp: one {@code llama_decode}, then one choice per sequence. Confined
 * to the decode thread.
 */
final class LlamaStepExecutor implements StepExecutor {

  private static final Logger LOG = LoggerFactory.getLogger(LlamaStepExecutor.class);

  private final Vocabulary vocabulary;
  private final LlamaContext context;
  private final TokenBatch batch;
  private String lastFailure = "";

  LlamaStepExecutor(Vocabulary vocabulary, LlamaContext context, TokenBatch batch) {
    this.vocabulary = vocabulary;
    this.context = context;
    this.batch = batch;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public Optional<int[]> execute(StepPlan plan, List<Generation> generations) {
    for (SlotMove move : plan.moves()) {
      context.moveSequence(move.fromSlot(), move.toSlot());
    }
    int[] rows = fillBatch(plan, generations);
    int code = context.decode(batch);
    if (code != 0) {
      plan.work().forEach(work -> context.clearSequence(work.slot()));
      lastFailure =
          "llama_decode returned %d for %d tokens of %d sequences"
              .formatted(code, plan.tokens(), plan.work().size());
      LOG.error("{}; their requests fail and may be retried", lastFailure);
      return Optional.empty();
    }
    return Optional.of(sample(plan, generations, rows));
  }

  @Override
  public String lastFailure() {
    return lastFailure;
  }

  private int[] fillBatch(StepPlan plan, List<Generation> generations) {
    batch.clear();
    int[] rows = new int[generations.size()];
    for (int index = 0; index < rows.length; index++) {
      SequenceWork work = plan.work().get(index);
      Generation generation = generations.get(index);
      if (work.position() == 0) {
        context.clearSequence(work.slot());
      }
      int end = work.position() + work.tokenCount();
      for (int position = work.position(); position < end; position++) {
        boolean output = work.samples() && position == end - 1;
        rows[index] = batch.add(generation.token(position), position, work.slot(), output);
      }
    }
    return rows;
  }

  private int[] sample(StepPlan plan, List<Generation> generations, int[] rows) {
    int[] sampled = new int[rows.length];
    int batchIndex = -1;
    for (int index = 0; index < rows.length; index++) {
      SequenceWork work = plan.work().get(index);
      batchIndex += work.tokenCount();
      if (work.samples()) {
        sampled[index] = generations.get(index).sampler().sample(context, batchIndex, rows[index]);
      }
    }
    return sampled;
  }
}
