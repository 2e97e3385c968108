package ai.falaj.operators;

import ai.falaj.operators.serialization.ConversationSerializer;
import ai.falaj.runtime.Prompt;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was said before in the conversations of this subtask, and whose turn it is in each. Confined
 * to the task mailbox thread.
 *
 * <p>What was said is keyed state: a conversation is named by its id under the key of its records.
 * It changes in one place, {@link #leave}, which the operator calls in the moment in which it emits
 * a completion: so a checkpoint holds either the request or its turn, never both and never neither.
 * A request that was cancelled or became a dead letter leaves the conversation as it was.
 *
 * <p>Whose turn it is follows from the order in which requests {@link #enter}, and is no state of
 * its own: requests in flight are restored in that order. The first one runs; its history cannot
 * change while it does, so the prompt that it is restored with is the one that its tokens belong
 * to. Where it is not (the state expired, or conversations were switched off meanwhile), its
 * generation starts over.
 */
final class Conversations {

  /** Sets the operator's current key. */
  @FunctionalInterface
  interface KeyContext {
    void setCurrentKey(Object key);
  }

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "conversations";

  private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);

  private record Name(String key, String id) {}

  private final MapState<String, Conversation> kept;
  private final KeyContext keys;
  private final int maxTokens;
  private final RequestMapper mapper;
  private final InferenceMetrics metrics;
  private final Map<Name, Deque<ActiveRequest>> inOrder = new HashMap<>();

  Conversations(
      RuntimeContext context,
      KeyContext keys,
      ConversationOptions options,
      RequestMapper mapper,
      InferenceMetrics metrics) {
    MapStateDescriptor<String, Conversation> descriptor =
        new MapStateDescriptor<>(
            STATE_NAME, StringSerializer.INSTANCE, new ConversationSerializer());
    descriptor.enableTimeToLive(
        StateTtlConfig.newBuilder(options.timeToLive())
            .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
            .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
            .build());
    this.kept = context.getMapState(descriptor);
    this.keys = keys;
    this.maxTokens = options.maxTokens();
    this.mapper = mapper;
    this.metrics = metrics;
  }

  /**
   * Takes a request's place in its conversation, until {@link #leave}.
   *
   * @return whether it is its turn; true where it has no conversation
   */
  boolean enter(ActiveRequest request) {
    Optional<Name> name = name(request);
    if (name.isEmpty()) {
      return true;
    }
    Deque<ActiveRequest> requests =
        inOrder.computeIfAbsent(name.get(), unused -> new ArrayDeque<>(1));
    requests.addLast(request);
    return requests.peekFirst() == request;
  }

  /** Gives a request whose turn it is the prompt that begins with what was said before. */
  void begin(ActiveRequest request) throws Exception {
    Optional<Name> name = name(request);
    Conversation before = Conversation.EMPTY;
    if (name.isPresent()) {
      before = find(name.get());
      if (!before.equals(Conversation.EMPTY)) {
        // Its time to live begins anew: it must outlast this turn.
        kept.put(name.get().id(), before);
      }
      request.generation =
          request.generation.withPrompt(
              new Prompt.Chat(
                  RequestMapper.chat(before.followedBy(request.request().getMessages()))));
      request.tokenCost = mapper.estimateTokens(request.generation);
    }
    if (request.takeHistory(before.digest())) {
      LOG.info("Generation starts over, as its conversation is not what it was: {}", request);
      metrics.startedOver();
    }
  }

  /**
   * The request has left; what was said in it is kept.
   *
   * @return whose turn it is now
   */
  Optional<ActiveRequest> leave(ActiveRequest request) throws Exception {
    Optional<Name> name = name(request);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Deque<ActiveRequest> requests = inOrder.get(name.get());
    boolean wasItsTurn = requests.peekFirst() == request;
    if (!requests.remove(request)) {
      throw new IllegalStateException("left its conversation twice: " + request);
    }
    if (request.completion.isPresent() && isTurn(request.completion.get())) {
      kept.put(
          name.get().id(),
          find(name.get())
              .after(
                  request.request().getMessages(),
                  request.completion.get().getAnswer(),
                  maxTokens));
      metrics.turnKept();
    } else {
      metrics.turnNotKept();
    }
    if (requests.isEmpty()) {
      inOrder.remove(name.get());
    }
    return wasItsTurn ? Optional.ofNullable(requests.peekFirst()) : Optional.empty();
  }

  private static boolean isTurn(Completion completion) {
    return completion.getFinishReason() != FinishReason.CANCELLED;
  }

  /** What is kept of a conversation, whose key becomes the current one. */
  private Conversation find(Name name) throws Exception {
    keys.setCurrentKey(name.key());
    return Objects.requireNonNullElse(kept.get(name.id()), Conversation.EMPTY);
  }

  private static Optional<Name> name(ActiveRequest request) {
    return Optional.ofNullable(request.request().getConversationId())
        .map(id -> new Name(PromptKeys.of(request.prompt), id));
  }
}
