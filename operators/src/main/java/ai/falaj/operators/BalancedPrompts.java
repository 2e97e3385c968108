package ai.falaj.operators;

import java.util.List;
import java.util.OptionalInt;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.util.Collector;

/**
 * Deals prompts out to all subtasks of the operator behind it, whatever partition they are in.
 * Flink's adaptive partitioner gives each to the subtask that has the least waiting for it, so a
 * subtask that is busy with long generations leaves the next prompts to the others.
 *
 * <p>A cancellation does not know where its request went, so every subtask gets it. Flink's own
 * broadcast would make each checkpoint wait for a full operator to read on ({@code
 * BroadcastPartitioner} knows no unaligned checkpoints), and an exchange by key does not: so a
 * cancellation is copied once for each key group.
 */
public final class BalancedPrompts {

  private BalancedPrompts() {}

  /**
   * @return prompts in no order at all, not even within a key
   */
  public static DataStream<PromptRecord> of(DataStream<PromptRecord> prompts) {
    DataStream<PromptRecord> requests =
        prompts
            .filter(new IsNoCancellation())
            .returns(InferenceOutputs.PROMPT_TYPE)
            .name("prompts to balance")
            .uid("prompts-to-balance")
            .rebalance();
    DataStream<PromptRecord> cancellations =
        prompts
            .flatMap(new CopyForEachKeyGroup())
            .returns(InferenceOutputs.PROMPT_TYPE)
            .name("cancellations for all")
            .uid("cancellations-for-all")
            .keyBy(BalancedPrompts::copy, Types.INT);
    return requests.union(cancellations);
  }

  private static int copy(PromptRecord record) {
    return ((PromptRecord.Cancellation) record.content()).copy().orElseThrow();
  }

  private static final class IsNoCancellation implements FilterFunction<PromptRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean filter(PromptRecord record) {
      return !(record.content() instanceof PromptRecord.Cancellation);
    }
  }

  /**
   * Sends a cancellation under one number for each key group; whatever the parallelism of the next
   * operator, each of its subtasks owns one of them at least.
   */
  static final class CopyForEachKeyGroup extends RichFlatMapFunction<PromptRecord, PromptRecord> {
    private static final long serialVersionUID = 1L;

    private transient List<PromptRecord.Cancellation> copies;

    @Override
    public void open(OpenContext context) {
      int keyGroups = getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
      copies =
          KeyGroupKeys.oneOfEach(keyGroups, Integer::valueOf).stream()
              .map(number -> new PromptRecord.Cancellation(OptionalInt.of(number)))
              .toList();
    }

    @Override
    public void flatMap(PromptRecord record, Collector<PromptRecord> out) {
      if (record.content() instanceof PromptRecord.Cancellation) {
        for (PromptRecord.Cancellation copy : copies) {
          out.collect(record.withContent(copy));
        }
      }
    }
  }
}
