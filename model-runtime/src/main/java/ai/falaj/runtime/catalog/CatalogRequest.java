package ai.falaj.runtime.catalog;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.TokenDelta;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request of a catalog, between its listener and the member that serves it. It is live until it
 * has told its one end; then it is deaf. Any thread: one lock keeps the order of what the listener
 * hears, also when the catalog is closed while the member speaks.
 */
final class CatalogRequest implements GenerationHandle, GenerationListener {

  private static final Logger LOG = LoggerFactory.getLogger(CatalogRequest.class);

  private final String requestId;
  private final CatalogMember member;
  private final GenerationListener listener;
  private final Set<CatalogRequest> live;

  private GenerationHandle handle;
  private boolean knowsServer;
  private boolean cancelled;
  private boolean ended;

  /**
   * @param live leaves it at its end
   */
  CatalogRequest(
      String requestId,
      CatalogMember member,
      GenerationListener listener,
      Set<CatalogRequest> live) {
    this.requestId = requestId;
    this.member = member;
    this.listener = listener;
    this.live = live;
  }

  /** The member took it; it may have told of it, and even of its end, before. */
  void acceptedAs(GenerationHandle accepted) {
    boolean cancel;
    synchronized (this) {
      handle = accepted;
      cancel = cancelled || ended;
    }
    if (cancel) {
      accepted.cancel();
    }
  }

  /** Ends it in the catalog's name; what the member may still say is not heard. */
  void fail(GenerationException failure) {
    GenerationHandle accepted;
    synchronized (this) {
      if (ended) {
        return;
      }
      end();
      accepted = handle;
      try {
        listener.onFailed(failure);
      } catch (RuntimeException fromListener) {
        LOG.warn("The listener of request {} failed", requestId, fromListener);
      }
    }
    if (accepted != null) {
      accepted.cancel();
    }
  }

  @Override
  public String requestId() {
    return requestId;
  }

  @Override
  public void cancel() {
    GenerationHandle accepted;
    synchronized (this) {
      cancelled = true;
      accepted = handle;
    }
    if (accepted != null) {
      accepted.cancel();
    }
  }

  @Override
  public synchronized void onServedBy(RuntimeInfo model) {
    if (!ended) {
      knowsServer = true;
      listener.onServedBy(member.named(model));
    }
  }

  @Override
  public synchronized void onStarted() {
    if (ended) {
      return;
    }
    if (!knowsServer) {
      onServedBy(member.info());
    }
    listener.onStarted();
  }

  @Override
  public synchronized void onTokens(TokenDelta delta) {
    if (!ended) {
      listener.onTokens(delta);
    }
  }

  @Override
  public synchronized void onFinished(GenerationResult result) {
    if (!ended) {
      end();
      RuntimeInfo server = result.servedBy().map(member::named).orElseGet(member::info);
      listener.onFinished(result.servedBy(server));
    }
  }

  @Override
  public synchronized void onFailed(GenerationException failure) {
    if (!ended) {
      end();
      listener.onFailed(failure);
    }
  }

  /** Called with the lock. */
  private void end() {
    ended = true;
    live.remove(this);
  }
}
