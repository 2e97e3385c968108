package ai.falaj.operators;

import ai.falaj.operators.serialization.SeenRequestSerializer;
import ai.falaj.schemas.Completion;
import java.util.Optional;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.typeutils.base.StringSerializer;

/**
 * Remembers which requests were seen, so that each is answered once. Keyed state: every method
 * speaks of the operator's current key, and of the request ids under it. Confined to the task
 * mailbox thread.
 *
 * <p>A request that became a dead letter is forgotten, so that its sender may send it again; one
 * that was sent again on purpose ({@code falaj dead-letters retry}) counts as new.
 */
final class SeenRequests {

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "seen-requests";

  private final MapState<String, SeenRequest> seen;
  private final boolean keepCompletions;

  SeenRequests(RuntimeContext context, Deduplication deduplication) {
    MapStateDescriptor<String, SeenRequest> descriptor =
        new MapStateDescriptor<>(
            STATE_NAME, StringSerializer.INSTANCE, new SeenRequestSerializer());
    descriptor.enableTimeToLive(
        StateTtlConfig.newBuilder(deduplication.timeToLive())
            .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
            .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
            .build());
    this.seen = context.getMapState(descriptor);
    this.keepCompletions = deduplication.answerAgain();
  }

  /**
   * What is known of a request, if it is no new one.
   *
   * @param retries how often it was sent again on purpose
   */
  Optional<SeenRequest> find(String requestId, int retries) throws Exception {
    return Optional.ofNullable(seen.get(requestId)).filter(known -> known.retries() >= retries);
  }

  void accepted(String requestId, int retries) throws Exception {
    seen.put(requestId, new SeenRequest(retries, Optional.empty()));
  }

  void completed(String requestId, int retries, Completion completion) throws Exception {
    if (keepCompletions) {
      seen.put(requestId, new SeenRequest(retries, Optional.of(completion)));
    }
  }

  void deadLettered(String requestId) throws Exception {
    seen.remove(requestId);
  }
}
