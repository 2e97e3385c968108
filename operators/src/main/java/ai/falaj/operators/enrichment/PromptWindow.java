package ai.falaj.operators.enrichment;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Brings like prompts together, within a bounded number of them: those with one instruction follow
 * each other, so that the engine finds it computed, and among them those of like length, so that
 * the sequences of a batch end together. For bounded inputs: a prompt waits until enough others
 * came.
 *
 * <p>This is replacement selection, as in external sorting. Once the window is full, each prompt
 * that comes lets one leave: the least that is not less than the last one that left. One that is
 * less belongs to the next run, so no prompt waits for more than two runs. At the end of the input
 * the rest leaves, in order. Results say which record they belong to; nothing else depends on
 * order.
 *
 * <p>What waits is operator state, and leaves it before it is emitted: a checkpoint holds each
 * prompt here or behind, and once. After rescaling any subtask may go on with any prompt, as the
 * exchange by key comes after. Confined to the task thread.
 */
public final class PromptWindow extends AbstractStreamOperator<PromptRecord>
    implements OneInputStreamOperator<PromptRecord, PromptRecord>, BoundedOneInput {

  private static final long serialVersionUID = 1L;

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "waiting-prompts";

  private static final String SYSTEM = "system";

  private final int size;

  private transient PriorityQueue<Waiting> waiting;
  private transient ListState<PromptRecord> state;
  private transient long run;
  private transient Waiting last;
  private transient long arrivals;

  /**
   * @param size prompts that wait at once; their bytes are in every checkpoint
   */
  public PromptWindow(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("the window is " + size + "; it must be 1 or more");
    }
    this.size = size;
  }

  /** Arrival decides between equals: the order is a function of the input. */
  private record Waiting(
      PromptRecord prompt,
      long timestampMs,
      boolean hasTimestamp,
      long run,
      String instruction,
      int length,
      long arrival)
      implements Comparable<Waiting> {

    @Override
    public int compareTo(Waiting other) {
      int order = Long.compare(run, other.run);
      order = order != 0 ? order : likeness(other);
      return order != 0 ? order : Long.compare(arrival, other.arrival);
    }

    int likeness(Waiting other) {
      int order = instruction.compareTo(other.instruction);
      return order != 0 ? order : Integer.compare(length, other.length);
    }
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    waiting = new PriorityQueue<>(size + 1);
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>(STATE_NAME, InferenceOutputs.PROMPT_TYPE));
    for (PromptRecord prompt : state.get()) {
      add(prompt, new StreamRecord<>(prompt, prompt.timestampMs()));
    }
  }

  @Override
  public void processElement(StreamRecord<PromptRecord> element) {
    add(element.getValue(), element);
    if (waiting.size() > size) {
      emitLeast();
    }
  }

  private void add(PromptRecord prompt, StreamRecord<PromptRecord> element) {
    Waiting one = waiting(prompt, element, run);
    boolean tooLate = last != null && one.likeness(last) < 0;
    waiting.add(tooLate ? waiting(prompt, element, run + 1) : one);
    arrivals++;
  }

  private Waiting waiting(PromptRecord prompt, StreamRecord<PromptRecord> element, long itsRun) {
    String instruction = "";
    int length = 0;
    if (prompt.content() instanceof PromptRecord.Request request) {
      for (ChatMessage message : request.request().getMessages()) {
        if (message.getRole().equals(SYSTEM)) {
          instruction = message.getContent();
        } else {
          length += message.getContent().length();
        }
      }
    }
    return new Waiting(
        prompt,
        element.hasTimestamp() ? element.getTimestamp() : 0,
        element.hasTimestamp(),
        itsRun,
        instruction,
        length,
        arrivals);
  }

  private void emitLeast() {
    Waiting least = waiting.remove();
    run = least.run();
    last = least;
    output.collect(
        least.hasTimestamp()
            ? new StreamRecord<>(least.prompt(), least.timestampMs())
            : new StreamRecord<>(least.prompt()));
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    List<PromptRecord> prompts = new ArrayList<>(waiting.size());
    waiting.forEach(one -> prompts.add(one.prompt()));
    state.update(prompts);
  }

  @Override
  public void endInput() {
    while (!waiting.isEmpty()) {
      emitLeast();
    }
  }
}
