package ai.falaj.operators;

import ai.falaj.operators.serialization.ConversationSerializer;
import ai.falaj.runtime.Prompt;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
 * A turn is added in one place, {@link #leave}, which the operator calls in the moment in which it
 * emits a completion: so a checkpoint holds either the request or its turn, never both and never
 * neither. A request that was cancelled or became a dead letter leaves the conversation as it was.
 *
 * <p>Whose turn it is follows from the order in which requests {@link #enter}, and is no state of
 * its own: requests in flight are restored in that order. The first one runs; its history cannot
 * change while it does, so the prompt that it is restored with is the one that its tokens belong
 * to. Where it is not (the state expired, or conversations were switched off meanwhile), its
 * generation starts over.
 *
 * <p>A conversation that has outgrown its tokens drops its oldest turns, or keeps them until a
 * model has summarised them. That begins when the turn has left, and the next one waits for it. The
 * summary changes the state when it is there; until then a checkpoint holds the turns and that they
 * wait for one, which is begun anew when a restored or new request enters. Where there is no
 * summary, the oldest turns are dropped.
 */
final class Conversations {

  /** Sets the operator's current key. */
  @FunctionalInterface
  interface KeyContext {
    void setCurrentKey(Object key);
  }

  /** Takes the request for a summary, whose end comes to {@link #summaryEnded}. */
  @FunctionalInterface
  interface SummaryRequests {
    void start(ActiveRequest summary) throws Exception;
  }

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "conversations";

  private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);

  private final MapState<String, Conversation> kept;
  private final KeyContext keys;
  private final ConversationOptions options;
  private final RequestMapper mapper;
  private final Summarizer summarizer;
  private final SummaryRequests summaries;
  private final InferenceMetrics metrics;
  private final Map<ConversationName, Deque<ActiveRequest>> inOrder = new HashMap<>();

  /** No turn begins in these. */
  private final Set<ConversationName> beingSummarized = new HashSet<>();

  Conversations(
      RuntimeContext context,
      KeyContext keys,
      ConversationOptions options,
      RequestMapper mapper,
      Summarizer summarizer,
      SummaryRequests summaries,
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
    this.options = options;
    this.mapper = mapper;
    this.summarizer = summarizer;
    this.summaries = summaries;
    this.metrics = metrics;
  }

  /**
   * Takes a request's place in its conversation, until {@link #leave}.
   *
   * @return whether it is its turn; true where it has no conversation. If not, {@link #waits} comes
   *     next
   */
  boolean enter(ActiveRequest request) throws Exception {
    Optional<ConversationName> name = ConversationName.of(request);
    if (name.isEmpty()) {
      return true;
    }
    Deque<ActiveRequest> requests =
        inOrder.computeIfAbsent(name.get(), unused -> new ArrayDeque<>(1));
    requests.addLast(request);
    return requests.peekFirst() == request
        && !beingSummarized.contains(name.get())
        && !summaryIsDue(name.get());
  }

  /**
   * A request waits for its turn; where that is for a summary that nobody has asked for yet, it is
   * asked for now.
   *
   * @return whose turn it is now
   */
  Optional<ActiveRequest> waits(ActiveRequest request) throws Exception {
    ConversationName name = ConversationName.of(request).orElseThrow();
    maybeSummarize(name, request);
    return nextOf(name);
  }

  /**
   * Gives a request whose turn it is the prompt that begins with what was said before.
   *
   * @return all that its model is asked
   */
  List<ChatMessage> begin(ActiveRequest request) throws Exception {
    Optional<ConversationName> name = ConversationName.of(request);
    Conversation before = Conversation.EMPTY;
    List<ChatMessage> asked = request.request().getMessages();
    if (name.isPresent()) {
      before = find(name.get());
      if (before.waitsForSummary()) {
        // Of a job that still summarised.
        before = before.truncated(options.maxTokens());
      }
      if (!before.equals(Conversation.EMPTY)) {
        // Its time to live begins anew: it must outlast this turn.
        kept.put(name.get().id(), before);
      }
      asked = before.followedBy(asked);
      request.generation =
          request.generation.withPrompt(new Prompt.Chat(RequestMapper.chat(asked)));
      request.tokenCost = mapper.estimateTokens(request.generation);
    }
    if (request.takeHistory(before.digest())) {
      LOG.info("Generation starts over, as its conversation is not what it was: {}", request);
      metrics.startedOver();
    }
    return asked;
  }

  /**
   * The request has left; what was said in it is kept.
   *
   * @return whose turn it is now
   */
  Optional<ActiveRequest> leave(ActiveRequest request) throws Exception {
    Optional<ConversationName> name = ConversationName.of(request);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Deque<ActiveRequest> requests = inOrder.get(name.get());
    boolean wasItsTurn = requests.peekFirst() == request;
    if (!requests.remove(request)) {
      throw new IllegalStateException("left its conversation twice: " + request);
    }
    if (requests.isEmpty()) {
      inOrder.remove(name.get());
    }
    if (request.completion.isPresent() && isTurn(request.completion.get())) {
      Conversation now =
          find(name.get())
              .after(request.request().getMessages(), request.completion.get().getAnswer());
      kept.put(
          name.get().id(),
          options.summarizes()
              ? now.markedForSummary(options.maxTokens())
              : now.truncated(options.maxTokens()));
      metrics.turnKept();
    } else {
      metrics.turnNotKept();
    }
    maybeSummarize(name.get(), request);
    return wasItsTurn ? nextOf(name.get()) : Optional.empty();
  }

  /**
   * The request for a summary has ended in any way.
   *
   * @return whose turn it is now
   */
  Optional<ActiveRequest> summaryEnded(ActiveRequest request) throws Exception {
    ConversationName name = request.summaryOf.orElseThrow();
    replaceOutgrownTurns(name, Summarizer.summary(request));
    beingSummarized.remove(name);
    return nextOf(name);
  }

  private void maybeSummarize(ConversationName name, ActiveRequest turn) throws Exception {
    if (beingSummarized.contains(name) || !summaryIsDue(name)) {
      return;
    }
    Optional<ActiveRequest> summary = summarizer.request(name, find(name), turn);
    if (summary.isEmpty()) {
      replaceOutgrownTurns(name, Optional.empty());
      return;
    }
    beingSummarized.add(name);
    summaries.start(summary.get());
  }

  private void replaceOutgrownTurns(ConversationName name, Optional<String> summary)
      throws Exception {
    Conversation conversation = find(name);
    if (!conversation.waitsForSummary()) {
      return; // it expired meanwhile
    }
    kept.put(
        name.id(),
        summary.isPresent()
            ? conversation.summarized(summary.get())
            : conversation.truncated(options.maxTokens()));
    if (summary.isPresent()) {
      metrics.summarized();
    } else {
      metrics.notSummarized();
    }
  }

  private boolean summaryIsDue(ConversationName name) throws Exception {
    return options.summarizes() && find(name).waitsForSummary();
  }

  /** The first in line, unless it waits for a summary. */
  private Optional<ActiveRequest> nextOf(ConversationName name) {
    return beingSummarized.contains(name)
        ? Optional.empty()
        : Optional.ofNullable(inOrder.get(name)).map(Deque::peekFirst);
  }

  private static boolean isTurn(Completion completion) {
    return completion.getFinishReason() != FinishReason.CANCELLED;
  }

  /** What is kept of a conversation, whose key becomes the current one. */
  private Conversation find(ConversationName name) throws Exception {
    keys.setCurrentKey(name.key());
    return Objects.requireNonNullElse(kept.get(name.id()), Conversation.EMPTY);
  }
}
