package ai.falaj.runtime.remote;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One runtime of a {@link FallbackRuntime}: OPEN, or MISSING because it could not be opened or has
 * failed for good, in which case opening it is tried again in the background, once in a while. Any
 * thread.
 */
final class FallbackLeg {

  private static final Logger LOG = LoggerFactory.getLogger(FallbackLeg.class);

  private static final Duration RETRY = Duration.ofSeconds(30);

  private final RuntimeSpec spec;
  private final SharedRuntimes registry;

  /** Guards what follows; never held while a runtime is opened or given back. */
  private final Object lock = new Object();

  private RuntimeLease lease;
  private boolean opening;
  private boolean closed;
  private long triedAtNanos;

  FallbackLeg(RuntimeSpec spec, SharedRuntimes registry) {
    this.spec = spec;
    this.registry = registry;
  }

  /** Opens it for the first time; waits for that. */
  void open() throws RuntimeLoadException, InterruptedException {
    synchronized (lock) {
      triedAtNanos = System.nanoTime();
    }
    keep(registry.acquire(spec));
  }

  /** The runtime, where there is one that may serve. */
  Optional<ModelRuntime> runtime() {
    RuntimeLease broken = null;
    try {
      synchronized (lock) {
        if (lease != null && lease.runtime().health().state() != RuntimeHealth.State.FAILED) {
          return Optional.of(lease.runtime());
        }
        broken = lease;
        lease = null;
        maybeReopen();
        return Optional.empty();
      }
    } finally {
      if (broken != null) {
        broken.discard();
      }
    }
  }

  /** Whether it refuses everything at this moment. */
  boolean isUnavailable() {
    return runtime()
        .map(runtime -> runtime.health().state() == RuntimeHealth.State.UNAVAILABLE)
        .orElse(true);
  }

  void close() {
    RuntimeLease given;
    synchronized (lock) {
      closed = true;
      given = lease;
      lease = null;
    }
    if (given != null) {
      given.close();
    }
  }

  /** Called with the lock. */
  private void maybeReopen() {
    long now = System.nanoTime();
    if (closed || opening || now - triedAtNanos < RETRY.toNanos()) {
      return;
    }
    opening = true;
    triedAtNanos = now;
    Thread thread = new Thread(this::reopen, "falaj-fallback-open-" + spec.model());
    thread.setDaemon(true);
    thread.start();
  }

  private void reopen() {
    try {
      keep(registry.acquire(spec));
      LOG.info("Model {} of a fallback chain is there", spec.model());
    } catch (RuntimeLoadException e) {
      LOG.warn("A model of a fallback chain is missing: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (lock) {
        opening = false;
      }
    }
  }

  private void keep(RuntimeLease fresh) {
    boolean tooLate;
    synchronized (lock) {
      tooLate = closed;
      if (!tooLate) {
        lease = fresh;
      }
    }
    if (tooLate) {
      fresh.close();
    }
  }
}
