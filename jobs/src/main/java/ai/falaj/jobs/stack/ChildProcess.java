package ai.falaj.jobs.stack;

import ai.falaj.jobs.stack.child.ChildMain;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A Java program in a process of its own that cannot outlive this one (see {@link ChildMain}). Its
 * output goes to a log file.
 *
 * <p>An interrupt from the keyboard reaches every process of the terminal's group. The child
 * ignores it (a shell sets that before it becomes the JVM, and JVMs keep an ignored signal
 * ignored), so that the job can end its transactions before the broker goes.
 *
 * <p>Any thread. {@link #close()} may be called again.
 */
public final class ChildProcess implements AutoCloseable {

  private static final Duration GRACE = Duration.ofSeconds(12);
  private static final Duration FORCED_GRACE = Duration.ofSeconds(5);

  private static final String PAUSE_SCRIPT =
      "trap '' INT HUP; kill -STOP \"$1\" && sleep \"$2\"; kill -CONT \"$1\"";

  private final String name;
  private final Process process;
  private final Path log;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /**
   * What to run.
   *
   * @param name for messages, as the user knows it
   * @param directory working directory
   * @param log overwritten at the start
   * @param environment added to this process's own
   * @param jvmOptions without the class path
   * @param classPath as the JVM takes it
   * @param mainClass whose main method is run
   * @param arguments of that method
   */
  public record Command(
      String name,
      Path directory,
      Path log,
      Map<String, String> environment,
      List<String> jvmOptions,
      String classPath,
      String mainClass,
      List<String> arguments) {

    public Command {
      environment = Map.copyOf(environment);
      jvmOptions = List.copyOf(jvmOptions);
      arguments = List.copyOf(arguments);
    }

    private List<String> commandLine() {
      List<String> line = new ArrayList<>();
      if (File.separatorChar == '/') {
        line.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "falaj-child"));
      }
      line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      line.addAll(jvmOptions);
      line.addAll(List.of("-cp", classPath + File.pathSeparator + locationOfChildMain()));
      line.addAll(List.of(ChildMain.class.getName(), mainClass));
      line.addAll(arguments);
      return line;
    }

    private static Path locationOfChildMain() {
      try {
        return Path.of(ChildMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      } catch (URISyntaxException e) {
        throw new IllegalStateException("the location of Falaj's classes is no file", e);
      }
    }
  }

  /** Starts it and returns at once. */
  public static ChildProcess start(Command command) {
    ProcessBuilder builder =
        new ProcessBuilder(command.commandLine())
            .directory(command.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(command.log().toFile());
    builder.environment().putAll(command.environment());
    try {
      Files.createDirectories(command.log().getParent());
      return new ChildProcess(command.name(), builder.start(), command.log());
    } catch (IOException e) {
      throw StackException.failure(
          command.name() + " could not be started: " + e.getMessage(),
          "check that " + command.directory() + " and " + command.log() + " can be written",
          e);
    }
  }

  /** Runs it to its end within that time; anything but exit code 0 is a failure. */
  static void runToEnd(Command command, Duration limit) {
    try (ChildProcess child = start(command)) {
      boolean ended = child.process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended || child.process.exitValue() != 0) {
        throw child.failure(ended ? "failed" : "took longer than " + limit.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StackException.failure(command.name() + " was interrupted", "start it again", e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public Path log() {
    return log;
  }

  /** Completes when the process has ended, for whatever reason. */
  public CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  /**
   * Waits until the probe says yes.
   *
   * @throws StackException when the process ends or the time is up before that, with the last error
   *     of its log
   */
  public void awaitReady(Probe probe, Duration limit) {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    try {
      while (!probe.isReady()) {
        if (!process.isAlive()) {
          throw failure("ended at its start with exit code " + process.exitValue());
        }
        if (System.nanoTime() - deadlineNanos > 0) {
          throw failure("was not ready within " + limit.toSeconds() + " s");
        }
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StackException.failure(name + " was interrupted at its start", "start it again", e);
    }
  }

  /** Whether a server answers; called every 50 ms from the thread that waits. */
  public interface Probe {
    boolean isReady() throws InterruptedException;
  }

  /** Says what happened, quotes the log's last error and names the log. */
  public StackException failure(String whatHappened) {
    return StackException.failure(
        name + " " + whatHappened + LogTail.lastError(log).map(line -> ": " + line).orElse(""),
        "see " + log,
        null);
  }

  /** Ends the process at once and without a chance to clean up, as {@code kill -9} does. */
  public void kill() {
    process.destroyForcibly();
    if (!endsWithin(FORCED_GRACE)) {
      throw failure("did not end within " + FORCED_GRACE.toSeconds() + " s of being killed");
    }
  }

  /**
   * Stops the process in its tracks for that long, as {@code kill -STOP} does, and returns when it
   * goes on. A helper process wakes it, so that it cannot stay stopped even if this JVM dies
   * meanwhile: it then goes on, sees that its parent is gone, and ends.
   */
  public void pauseFor(Duration pause) throws InterruptedException {
    String seconds = String.format(Locale.ROOT, "%.3f", pause.toMillis() / 1e3);
    List<String> helper =
        List.of("/bin/sh", "-c", PAUSE_SCRIPT, "falaj-pause", Long.toString(pid()), seconds);
    try {
      new ProcessBuilder(helper)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw StackException.failure(
          name + " could not be paused: " + e.getMessage(), "run it on a system with /bin/sh", e);
    }
  }

  /** Asks the process to end by closing its standard input, then insists. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroy(); // the pipe is broken, so the process is gone or about to be
    }
    if (!endsWithin(GRACE)) {
      process.destroyForcibly();
      endsWithin(FORCED_GRACE);
    }
  }

  private boolean endsWithin(Duration limit) {
    boolean interrupted = false;
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    try {
      while (true) {
        try {
          return process.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true; // keep on: a child left behind is worse than a late interrupt
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
