package ai.falaj.operators;

import ai.falaj.operators.serialization.InFlightRequestSerializer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * The checkpointed requests of a subtask. Confined to the task mailbox thread.
 *
 * <p>On a stream without keys any subtask may go on with any request, and Flink deals them out
 * evenly. On a keyed stream a request belongs where the prompts of its key go: every subtask is
 * shown all requests and takes those of its key groups. Both states are read, so that a job may
 * begin or cease to be keyed between two savepoints.
 */
final class InFlightState {

  /** Parts of every savepoint: never rename. */
  private static final String DEALT_OUT = "in-flight-requests";

  private static final String BY_KEY = "in-flight-requests-by-key";

  private final ListState<InFlightRequest> dealtOut;
  private final ListState<InFlightRequest> byKey;
  private final Predicate<InFlightRequest> isOurs;
  private final boolean keyed;

  /**
   * @param keyOf the key of the stream that a prompt belongs to
   * @param keyed whether the stream is
   * @param subtask index of the subtask
   * @param parallelism of the operator
   * @param maxParallelism of the operator: how many key groups there are
   */
  InFlightState(
      OperatorStateStore store,
      Function<PromptRecord, Object> keyOf,
      boolean keyed,
      int subtask,
      int parallelism,
      int maxParallelism)
      throws Exception {
    this.keyed = keyed;
    dealtOut =
        store.getListState(new ListStateDescriptor<>(DEALT_OUT, new InFlightRequestSerializer()));
    byKey =
        store.getUnionListState(new ListStateDescriptor<>(BY_KEY, new InFlightRequestSerializer()));
    KeyGroupRange range =
        KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
            maxParallelism, parallelism, subtask);
    isOurs =
        request ->
            range.contains(
                KeyGroupRangeAssignment.assignToKeyGroup(
                    keyOf.apply(request.prompt()), maxParallelism));
  }

  /** What this subtask goes on with, in the order in which it was accepted. */
  List<InFlightRequest> restored() throws Exception {
    List<InFlightRequest> requests = new ArrayList<>();
    for (InFlightRequest request : dealtOut.get()) {
      requests.add(request);
    }
    for (InFlightRequest request : byKey.get()) {
      if (isOurs.test(request)) {
        requests.add(request);
      }
    }
    return requests;
  }

  /** References only: requests are immutable, and serialized while the operator goes on. */
  void update(List<InFlightRequest> requests) throws Exception {
    dealtOut.update(keyed ? List.of() : requests);
    byKey.update(keyed ? requests : List.of());
  }
}
