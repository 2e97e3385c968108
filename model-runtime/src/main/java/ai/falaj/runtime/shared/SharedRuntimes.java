package ai.falaj.runtime.shared;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.progress.ProgressListener;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One runtime per {@link RuntimeSpec}, however many ask for it. All slots of a TaskManager share
 * the registry of their JVM ({@link #ofThisJvm()}); tests make their own.
 *
 * <p>A spec's runtime is LOADING, then READY. When its last lease is given back it lingers, still
 * READY, so that a restarted job finds the model warm; when the linger time has passed, or another
 * spec is to be loaded, it is CLOSING, and then gone. Who asks while it is LOADING waits for the
 * same load; who asks while it is CLOSING waits until its memory is free and then loads anew. A
 * load that fails reaches everyone who waits for it and is not remembered.
 *
 * <p>Any thread. Loads run in a thread of their own, so that an interrupted caller leaves without
 * harm to the others; closing after the linger time runs in a daemon timer thread, which ends when
 * it has nothing to do. A JVM that shuts down closes all runtimes.
 */
public final class SharedRuntimes implements AutoCloseable {

  /** System property with the linger time in ISO-8601, such as {@code PT30S}. */
  public static final String LINGER_PROPERTY = "falaj.runtime.linger";

  public static final Duration DEFAULT_LINGER = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(SharedRuntimes.class);

  private final Duration defaultLinger;
  private final boolean closeAtJvmShutdown;
  private final ScheduledThreadPoolExecutor timer;

  /**
   * Guards everything below and the fields of {@link SharedEntry}; never held while loading or
   * closing.
   */
  private final Object lock = new Object();

  private final Map<RuntimeSpec, SharedEntry> entries = new HashMap<>();

  /** Replaced by a newer entry of the same spec, but still in use. */
  private final List<SharedEntry> discarded = new ArrayList<>();

  private Thread shutdownHook;
  private boolean closed;

  /**
   * @param defaultLinger for specs without a linger time of their own; {@link Duration#ZERO} closes
   *     a runtime as soon as its last lease is given back, in the thread that gives it back
   */
  public SharedRuntimes(Duration defaultLinger) {
    this(defaultLinger, false);
  }

  private SharedRuntimes(Duration defaultLinger, boolean closeAtJvmShutdown) {
    if (defaultLinger.isNegative()) {
      throw new IllegalArgumentException("linger is " + defaultLinger + "; it must be 0 or more");
    }
    this.defaultLinger = defaultLinger;
    this.closeAtJvmShutdown = closeAtJvmShutdown;
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "falaj-runtime-linger");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    // Without this the thread would hold the class loader of a finished job for ever.
    timer.setKeepAliveTime(1, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  /** The registry that everything in this JVM (or this class loader) shares. */
  public static SharedRuntimes ofThisJvm() {
    return JvmHolder.INSTANCE;
  }

  /**
   * Waits until the model is loaded, or takes the one that is.
   *
   * @throws RuntimeLoadException when the load failed, for this caller and for all others who
   *     waited for it
   * @throws InterruptedException when the caller was interrupted; the load goes on for the others
   * @throws IllegalStateException after {@link #close()}
   */
  public RuntimeLease acquire(RuntimeSpec spec) throws RuntimeLoadException, InterruptedException {
    return acquire(spec, ProgressListener.NONE);
  }

  /**
   * As {@link #acquire(RuntimeSpec)}. A runtime that has FAILED is handed to nobody: it is
   * discarded and the model loaded anew.
   *
   * @param progress hears of the load if this call starts one
   */
  public RuntimeLease acquire(RuntimeSpec spec, ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    Objects.requireNonNull(spec, "spec");
    RuntimeLease lease = lease(spec, progress);
    if (isUsable(lease)) {
      return lease;
    }
    lease.discard();
    RuntimeLease fresh = lease(spec, progress);
    if (isUsable(fresh)) {
      return fresh;
    }
    String reason = fresh.runtime().health().reason();
    fresh.discard();
    throw new RuntimeLoadException(
        "model %s failed as soon as it was loaded: %s".formatted(spec.model(), reason));
  }

  private static boolean isUsable(RuntimeLease lease) {
    return lease.runtime().health().state() != RuntimeHealth.State.FAILED;
  }

  private RuntimeLease lease(RuntimeSpec spec, ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    while (true) {
      SharedEntry entry;
      boolean closing;
      synchronized (lock) {
        if (closed) {
          throw new IllegalStateException("the registry of shared runtimes is closed");
        }
        entry = entries.get(spec);
        if (entry == null) {
          entry = new SharedEntry(spec, spec.linger().orElse(defaultLinger));
          List<SharedEntry> idle = spec.holdsModel() ? claimIdle() : List.of();
          entries.put(spec, entry);
          maybeAddShutdownHook();
          startLoading(entry, idle, progress);
        }
        closing = entry.state == SharedEntry.State.CLOSING;
        if (!closing) {
          entry.users++;
        }
      }
      if (!closing) {
        return new Lease(entry, awaitLoaded(entry));
      }
      awaitGone(entry);
    }
  }

  /** Closes all runtimes and waits for that; leases that are still held become useless. */
  @Override
  public void close() {
    List<SharedEntry> toClose = new ArrayList<>();
    List<SharedEntry> alreadyClosing = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      List<SharedEntry> all = new ArrayList<>(entries.values());
      all.addAll(discarded);
      for (SharedEntry entry : all) {
        if (entry.state == SharedEntry.State.READY) {
          entry.state = SharedEntry.State.CLOSING;
          toClose.add(entry);
        } else if (entry.state == SharedEntry.State.CLOSING) {
          alreadyClosing.add(entry);
        }
      }
    }
    timer.shutdownNow();
    toClose.forEach(this::closeRuntime);
    alreadyClosing.forEach(entry -> entry.gone.join());
  }

  /**
   * Runtimes that only linger make room for one that is wanted, unless they are a part of one that
   * is being loaded. Called with the lock; the caller closes them.
   */
  private List<SharedEntry> claimIdle() {
    Set<RuntimeSpec> wantedParts =
        entries.values().stream()
            .filter(entry -> entry.state == SharedEntry.State.LOADING)
            .flatMap(entry -> partsOf(entry.spec))
            .collect(Collectors.toSet());
    List<SharedEntry> idle = new ArrayList<>();
    for (SharedEntry entry : entries.values()) {
      if (!entry.spec.holdsModel() || wantedParts.contains(entry.spec)) {
        continue;
      }
      if (entry.state == SharedEntry.State.READY && entry.users == 0) {
        entry.state = SharedEntry.State.CLOSING;
        idle.add(entry);
      } else if (entry.users > 0) {
        LOG.warn(
            "Model {} is in use while another runtime is loaded beside it: they share the cores and the memory",
            entry.spec.model());
      }
    }
    return idle;
  }

  private static Stream<RuntimeSpec> partsOf(RuntimeSpec spec) {
    return spec.parts().stream().flatMap(part -> Stream.concat(Stream.of(part), partsOf(part)));
  }

  private void startLoading(SharedEntry entry, List<SharedEntry> idle, ProgressListener progress) {
    Runnable task =
        () -> {
          idle.forEach(this::closeRuntime);
          load(entry, progress);
        };
    Thread thread = new Thread(task, "falaj-runtime-load-" + entry.spec.model());
    thread.setDaemon(true);
    thread.setContextClassLoader(entry.spec.getClass().getClassLoader());
    thread.start();
  }

  private void load(SharedEntry entry, ProgressListener progress) {
    ModelRuntime runtime;
    try {
      runtime = entry.spec.open(progress);
    } catch (Throwable failure) { // Handed to the waiters, errors of native linking included.
      synchronized (lock) {
        entries.remove(entry.spec, entry);
        maybeRemoveShutdownHook();
      }
      entry.gone.complete(null);
      entry.loaded.completeExceptionally(failure);
      return;
    }
    boolean tooLate;
    boolean unwanted;
    synchronized (lock) {
      entry.runtime = runtime;
      tooLate = closed;
      entry.state = tooLate ? SharedEntry.State.CLOSING : SharedEntry.State.READY;
      unwanted = tooLate || maybeStartLinger(entry);
    }
    if (unwanted) {
      closeRuntime(entry);
    }
    if (tooLate) {
      entry.loaded.completeExceptionally(
          new RuntimeLoadException(
              "model " + entry.spec.model() + " was loaded while the JVM was shutting down"));
    } else {
      entry.loaded.complete(runtime);
    }
  }

  private ModelRuntime awaitLoaded(SharedEntry entry)
      throws RuntimeLoadException, InterruptedException {
    try {
      return entry.loaded.get();
    } catch (InterruptedException interrupted) {
      giveBack(entry);
      throw interrupted;
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      String message =
          cause instanceof RuntimeLoadException
              ? cause.getMessage()
              : "model " + entry.spec.model() + " could not be loaded: " + cause;
      throw new RuntimeLoadException(message, cause);
    }
  }

  private static void awaitGone(SharedEntry entry) throws InterruptedException {
    try {
      entry.gone.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("gone is never completed with a failure", impossible);
    }
  }

  private void giveBack(SharedEntry entry) {
    boolean closeNow;
    synchronized (lock) {
      entry.users--;
      closeNow = maybeStartLinger(entry);
    }
    if (closeNow) {
      closeRuntime(entry);
    }
  }

  private void discard(SharedEntry entry) {
    synchronized (lock) {
      if (entries.remove(entry.spec, entry)) {
        discarded.add(entry);
        LOG.warn("Discarded the runtime of model {}; it is loaded anew", entry.spec.model());
      }
    }
    giveBack(entry);
  }

  /** Returns whether the caller must close the runtime now. Called with the lock. */
  private boolean maybeStartLinger(SharedEntry entry) {
    if (entry.users > 0 || entry.state != SharedEntry.State.READY) {
      return false;
    }
    if (entry.linger.isZero() || discarded.contains(entry)) {
      entry.state = SharedEntry.State.CLOSING;
      return true;
    }
    long release = ++entry.releases;
    timer.schedule(
        () -> closeAfterLinger(entry, release), entry.linger.toNanos(), TimeUnit.NANOSECONDS);
    LOG.info("Model {} has no users; it stays loaded for {}", entry.spec.model(), entry.linger);
    return false;
  }

  private void closeAfterLinger(SharedEntry entry, long release) {
    synchronized (lock) {
      if (entry.users > 0 || entry.state != SharedEntry.State.READY || entry.releases != release) {
        return;
      }
      entry.state = SharedEntry.State.CLOSING;
    }
    closeRuntime(entry);
  }

  /** Frees a CLOSING runtime; whatever its close says, the next one to ask loads anew. */
  private void closeRuntime(SharedEntry entry) {
    try {
      entry.runtime.close();
      LOG.info("Closed the runtime of model {}", entry.spec.model());
    } catch (RuntimeException failure) {
      LOG.error("The runtime of model {} failed to close", entry.spec.model(), failure);
    } finally {
      synchronized (lock) {
        entries.remove(entry.spec, entry);
        discarded.remove(entry);
        maybeRemoveShutdownHook();
      }
      entry.gone.complete(null);
    }
  }

  private void maybeAddShutdownHook() {
    if (closeAtJvmShutdown && shutdownHook == null) {
      shutdownHook = new Thread(this::close, "falaj-runtime-shutdown");
      Runtime.getRuntime().addShutdownHook(shutdownHook);
    }
  }

  /** A hook would hold the class loader of a finished job, so it is there only while needed. */
  private void maybeRemoveShutdownHook() {
    if (shutdownHook == null || closed || !entries.isEmpty() || !discarded.isEmpty()) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
      shutdownHook = null;
    } catch (IllegalStateException jvmIsShuttingDown) {
      LOG.debug("The JVM is shutting down; its hook stays", jvmIsShuttingDown);
    }
  }

  private static final class JvmHolder {
    static final SharedRuntimes INSTANCE = new SharedRuntimes(lingerOfThisJvm(), true);

    private static Duration lingerOfThisJvm() {
      String value = System.getProperty(LINGER_PROPERTY);
      if (value == null) {
        return DEFAULT_LINGER;
      }
      try {
        return Duration.parse(value);
      } catch (DateTimeParseException malformed) {
        throw new IllegalArgumentException(
            "-D" + LINGER_PROPERTY + " is " + value + "; write it in ISO-8601, such as PT60S",
            malformed);
      }
    }
  }

  private final class Lease implements RuntimeLease {
    private final SharedEntry entry;
    private final ModelRuntime runtime;
    private final AtomicBoolean givenBack = new AtomicBoolean();

    Lease(SharedEntry entry, ModelRuntime runtime) {
      this.entry = entry;
      this.runtime = runtime;
    }

    @Override
    public ModelRuntime runtime() {
      if (givenBack.get()) {
        throw new IllegalStateException(
            "the lease of model " + entry.spec.model() + " was given back");
      }
      return runtime;
    }

    @Override
    public void close() {
      if (givenBack.compareAndSet(false, true)) {
        SharedRuntimes.this.giveBack(entry);
      }
    }

    @Override
    public void discard() {
      if (givenBack.compareAndSet(false, true)) {
        SharedRuntimes.this.discard(entry);
      }
    }
  }
}
