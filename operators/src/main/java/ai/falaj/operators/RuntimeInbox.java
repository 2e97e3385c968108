package ai.falaj.operators;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.TokenDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what the runtime's thread says to the task mailbox thread.
 *
 * <p>The first event asks for a mail; everything that arrives until that mail runs goes with it. So
 * one step of the runtime costs one mail, however many requests it served, and a task thread that
 * was busy finds all steps since then in one batch. The inbox is bounded by the tokens of the
 * requests in flight.
 *
 * <p>Listeners are called by the runtime's thread and never block; {@link #close()} and the handler
 * belong to the mailbox thread.
 */
final class RuntimeInbox {

  /** Something that happened to one attempt of one request. */
  record Event(ActiveRequest request, int attempt, Content content) {}

  sealed interface Content {}

  /** Which model makes the tokens, where it is not the one that was there at the submission. */
  record ServedBy(RuntimeInfo model) implements Content {}

  record Tokens(TokenDelta delta) implements Content {}

  record Finished(GenerationResult result) implements Content {}

  record Failed(GenerationException failure) implements Content {}

  /** Called in the mailbox thread. */
  interface Handler {
    void onEvents(List<Event> events) throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(RuntimeInbox.class);

  private final MailboxExecutor mailbox;
  private final Handler handler;
  private final Object lock = new Object();
  private List<Event> pending = new ArrayList<>();
  private boolean mailIsUnderWay;
  private boolean closed;

  RuntimeInbox(MailboxExecutor mailbox, Handler handler) {
    this.mailbox = mailbox;
    this.handler = handler;
  }

  /** Hears of the request's current attempt. */
  GenerationListener listenerFor(ActiveRequest request) {
    int attempt = request.attempt;
    return new GenerationListener() {
      @Override
      public void onServedBy(RuntimeInfo model) {
        add(new Event(request, attempt, new ServedBy(model)));
      }

      @Override
      public void onTokens(TokenDelta delta) {
        add(new Event(request, attempt, new Tokens(delta)));
      }

      @Override
      public void onFinished(GenerationResult result) {
        add(new Event(request, attempt, new Finished(result)));
      }

      @Override
      public void onFailed(GenerationException failure) {
        add(new Event(request, attempt, new Failed(failure)));
      }
    };
  }

  /** Drops what is in the inbox and what may still come. */
  void close() {
    synchronized (lock) {
      closed = true;
      pending = new ArrayList<>();
    }
  }

  private void add(Event event) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      pending.add(event);
      if (mailIsUnderWay) {
        return;
      }
      mailIsUnderWay = true;
    }
    try {
      mailbox.execute(this::deliver, "events of the model runtime");
    } catch (RejectedExecutionException taskIsEnding) {
      // The task is being cancelled; what is in flight is in its last checkpoint.
      LOG.debug("The mailbox is closed; runtime events are dropped", taskIsEnding);
    }
  }

  private void deliver() throws Exception {
    List<Event> events;
    synchronized (lock) {
      events = pending;
      pending = new ArrayList<>();
      mailIsUnderWay = false;
    }
    handler.onEvents(events);
  }
}
