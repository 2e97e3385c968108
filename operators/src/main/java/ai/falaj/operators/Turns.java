package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import ai.falaj.schemas.ChatMessage;
import java.util.List;
import java.util.Optional;

/**
 * Lets requests begin when it is their turn: at once, or where conversations are kept when those
 * before them have left. Confined to the task mailbox thread.
 *
 * <p>Between the entry of a request and its turn it is WAITING_FOR_TURN, unless it ends meanwhile.
 */
final class Turns {

  private final Optional<Conversations> conversations;
  private final RequestLifecycle lifecycle;
  private final OutputEmitter emitter;
  private final InferenceMetrics metrics;

  /**
   * @param conversations empty: none are kept
   */
  Turns(
      Optional<Conversations> conversations,
      RequestLifecycle lifecycle,
      OutputEmitter emitter,
      InferenceMetrics metrics) {
    this.conversations = conversations;
    this.lifecycle = lifecycle;
    this.emitter = emitter;
    this.metrics = metrics;
  }

  /** Takes an accepted or restored request. */
  void start(ActiveRequest request) throws Exception {
    boolean itsTurn = conversations.isEmpty() || conversations.get().enter(request);
    if (itsTurn) {
      begin(request);
    }
    lifecycle.start(request, itsTurn);
    if (!itsTurn) {
      goOn(conversations.get().waits(request));
    }
  }

  /** Takes a request that has ended before it was restored, and only waits to leave. */
  void startEnded(ActiveRequest request) throws Exception {
    if (conversations.isPresent()) {
      conversations.get().enter(request);
    }
  }

  /** The request has left; whoever waited for that goes on. */
  void left(ActiveRequest request) throws Exception {
    if (conversations.isPresent()) {
      goOn(conversations.get().leave(request));
    }
  }

  /** Nothing of a summary is emitted; whoever waited for it goes on. */
  void summaryEnded(ActiveRequest summary) throws Exception {
    goOn(conversations.orElseThrow().summaryEnded(summary));
  }

  private void goOn(Optional<ActiveRequest> next) throws Exception {
    if (next.isPresent() && next.get().state == State.WAITING_FOR_TURN) {
      begin(next.get());
      lifecycle.turnCame(next.get());
    }
  }

  /**
   * Gives a request whose turn it is its whole prompt, and its shadows the same: once, and not
   * again after a restore.
   */
  private void begin(ActiveRequest request) throws Exception {
    boolean isFirst = request.historyDigest.isEmpty();
    List<ChatMessage> asked = request.request().getMessages();
    if (conversations.isPresent()) {
      asked = conversations.get().begin(request);
    } else if (request.takeHistory(Conversation.EMPTY.digest())) {
      metrics.startedOver();
    }
    if (isFirst) {
      emitter.shadows(request, asked);
    }
    request.replayRounds();
  }
}
