package ai.falaj.jobs.cluster;

import ai.falaj.jobs.stack.ChildProcess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of the cluster through all its starts, looked after as Kubernetes or systemd would: when
 * it ends although nobody killed it, it is started again. Flink's processes count on that, since
 * they end themselves at an error that only a new process can cure.
 *
 * <p>It is UP, DOWN after {@link #kill()} until {@link #start()}, or CLOSED for good. Any thread;
 * {@link #pauseFor} blocks without the monitor, so that a close does not wait for it.
 */
public final class ServerProcess implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);

  /** Before a process that ended by itself is started again: one that cannot run must not spin. */
  private static final long RESTART_DELAY_MS = 1_000;

  private enum State {
    DOWN,
    UP,
    CLOSED
  }

  private final String name;
  private final IntFunction<ChildProcess.Command> commandOfStart;
  private State state = State.DOWN;
  private ChildProcess process;
  private int starts;
  private int unexpectedEnds;

  /**
   * @param name as the user knows it
   * @param commandOfStart what to run, by the number of the start, 1 for the first; prepares its
   *     folders
   */
  ServerProcess(String name, IntFunction<ChildProcess.Command> commandOfStart) {
    this.name = name;
    this.commandOfStart = commandOfStart;
  }

  public String name() {
    return name;
  }

  /** Starts it and returns at once. A server that is up already stays as it is. */
  public synchronized void start() {
    if (state == State.DOWN) {
      launch();
    }
  }

  private void launch() {
    starts++;
    state = State.UP;
    ChildProcess started = ChildProcess.start(commandOfStart.apply(starts));
    process = started;
    started.onExit().thenAccept(ended -> onEnd(started, ended.exitValue()));
  }

  private synchronized void onEnd(ChildProcess ended, int exitCode) {
    if (state != State.UP || process != ended) {
      return; // killed, closed, or replaced already
    }
    unexpectedEnds++;
    LOG.warn(
        "{} ended by itself with exit code {} and is started again; see {}",
        name,
        exitCode,
        ended.log());
    Executor later = CompletableFuture.delayedExecutor(RESTART_DELAY_MS, TimeUnit.MILLISECONDS);
    CompletableFuture.runAsync(() -> maybeReplace(ended), later);
  }

  private synchronized void maybeReplace(ChildProcess ended) {
    if (state == State.UP && process == ended) {
      launch();
    }
  }

  /** Ends it as {@code kill -9} does; it stays down until {@link #start()}. */
  public synchronized void kill() {
    if (state == State.UP) {
      state = State.DOWN;
      process.kill();
    }
  }

  /** Stops it in its tracks and returns when it goes on. */
  public void pauseFor(Duration pause) throws InterruptedException {
    ChildProcess paused;
    synchronized (this) {
      if (state != State.UP) {
        throw new IllegalStateException(name + " is " + state + " and cannot be paused");
      }
      paused = process;
    }
    paused.pauseFor(pause);
  }

  /** How often it was started. */
  public synchronized int starts() {
    return starts;
  }

  /** How often it ended although nobody killed it. */
  public synchronized int unexpectedEnds() {
    return unexpectedEnds;
  }

  /** Process id of the last start. */
  public synchronized long pid() {
    return process.pid();
  }

  /** Waits until the probe says yes; see {@link ChildProcess#awaitReady}. */
  void awaitReady(ChildProcess.Probe probe, Duration limit) {
    ChildProcess current;
    synchronized (this) {
      current = process;
    }
    current.awaitReady(probe, limit);
  }

  /** Ends it in good order. */
  @Override
  public void close() {
    ChildProcess last;
    synchronized (this) {
      state = State.CLOSED;
      last = process;
    }
    if (last != null) {
      last.close();
    }
  }
}
