package ai.falaj.operators;

import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.SourceOperatorStreamTask;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;

/**
 * Holds the input while the operator has no room, by yielding to the mailbox. Confined to the task
 * mailbox thread. Where a {@link GatedSource} watches the gate, there is nothing to hold.
 *
 * <p>Two bounds, and they hold in different ways. Requests that go on by themselves stop the input
 * until one of them is done. Parked requests do not: they may wait for a tool's response, which
 * comes by the same input behind prompts that nobody has read, and an exchange cannot be asked for
 * one kind of record only. So where there are too many of them, the operator pauses after each
 * further prompt for {@value #PAUSE_MS} ms or until there is room, and after responses not at all:
 * prompts trickle, the responses between them get through, and every wait ends with its time-out at
 * the latest. The overshoot is what trickles in during one time-out.
 */
final class Backpressure {

  static final int PAUSE_MS = 10;

  private final MailboxExecutor mailbox;
  private final CapacityGate gate;
  private final InFlightRequests inFlight;
  private final ProcessingTimeService timers;
  private boolean paused;

  /**
   * @param mailbox what to yield to: {@link #mailboxWhileFull}
   */
  Backpressure(
      MailboxExecutor mailbox,
      CapacityGate gate,
      InFlightRequests inFlight,
      ProcessingTimeService timers) {
    this.mailbox = mailbox;
    this.gate = gate;
    this.inFlight = inFlight;
    this.timers = timers;
  }

  /**
   * The operator's mailbox, or one that takes checkpoints too where that loses nothing.
   *
   * <p>Checkpoints are mails of the lowest priority, which Flink keeps from operators because one
   * in the middle of an element would miss what operators before this one have yet to emit of it.
   * There is nothing to miss where the element comes straight from the network.
   */
  static MailboxExecutor mailboxWhileFull(
      StreamOperatorParameters<?> parameters, boolean upstreamEmitsOnce) {
    boolean mayCheckpointInElement =
        parameters.getStreamConfig().isChainStart()
            || upstreamEmitsOnce
                && !(parameters.getContainingTask() instanceof SourceOperatorStreamTask);
    return mayCheckpointInElement
        ? parameters
            .getContainingTask()
            .getMailboxExecutorFactory()
            .createExecutor(TaskMailbox.MIN_PRIORITY)
        : parameters.getMailboxExecutor();
  }

  /** Returns when the next element may be read; the last one was a prompt. */
  void waitForRoom() throws InterruptedException {
    if (gate.isWatched()) {
      return;
    }
    if (inFlight.hasTooManyParked()) {
      pause();
    }
    while (inFlight.isOverfull()) {
      mailbox.yield();
    }
  }

  private void pause() throws InterruptedException {
    paused = true;
    ScheduledFuture<?> end =
        timers.registerTimer(
            timers.getCurrentProcessingTime() + PAUSE_MS, unused -> paused = false);
    while (paused && inFlight.hasTooManyParked()) {
      mailbox.yield();
    }
    end.cancel(false);
  }
}
