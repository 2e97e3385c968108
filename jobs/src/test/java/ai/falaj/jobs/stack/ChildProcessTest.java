package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChildProcessTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  @TempDir private Path directory;

  @Test
  void endsInGoodOrderWhenClosed() throws Exception {
    ChildProcess child = ChildProcess.start(command(directory, Patient.class));
    child.awaitReady(() -> Files.exists(directory.resolve("ready")), LIMIT);

    child.close();

    assertThat(ProcessHandle.of(child.pid())).isEmpty();
    assertThat(directory.resolve("hook-ran")).exists();
  }

  /** The promise of the package: not even kill -9 of the parent leaves a child behind. */
  @Test
  void endsWithItsKilledParent() throws Exception {
    TestJvm parent = TestJvm.start(Parent.class, List.of(directory.toString()));
    ProcessHandle child = ProcessHandle.of(Long.parseLong(parent.readLine())).orElseThrow();
    assertThat(child.isAlive()).isTrue();

    parent.kill();

    child.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(directory.resolve("hook-ran")).exists();
  }

  /** A stopped process cannot see that its parent is gone: it must be woken for that. */
  @Test
  void endsWithItsKilledParentEvenWhenPaused() throws Exception {
    TestJvm parent = TestJvm.start(PausingParent.class, List.of(directory.toString()));
    ProcessHandle child = ProcessHandle.of(Long.parseLong(parent.readLine())).orElseThrow();
    awaitState(child.pid(), 'T');

    parent.kill();

    child.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(directory.resolve("hook-ran")).exists();
  }

  @Test
  void isStoppedForAsLongAsItIsPaused() throws Exception {
    try (ChildProcess child = ChildProcess.start(command(directory, Patient.class))) {
      child.awaitReady(() -> Files.exists(directory.resolve("ready")), LIMIT);
      long startNanos = System.nanoTime();
      CompletableFuture<Void> pause = CompletableFuture.runAsync(() -> pause(child));
      awaitState(child.pid(), 'T');

      pause.get(LIMIT.toSeconds(), TimeUnit.SECONDS);

      assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isGreaterThanOrEqualTo(PAUSE);
      assertThat(state(child.pid())).isNotEqualTo('T');
    }
  }

  private static void pause(ChildProcess child) {
    try {
      child.pauseFor(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void hasNoChanceToCleanUpWhenKilled() {
    try (ChildProcess child = ChildProcess.start(command(directory, Patient.class))) {
      child.awaitReady(() -> Files.exists(directory.resolve("ready")), LIMIT);

      child.kill();

      assertThat(ProcessHandle.of(child.pid())).isEmpty();
      assertThat(directory.resolve("hook-ran")).doesNotExist();
    }
  }

  private static void awaitState(long pid, char state) throws Exception {
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    while (state(pid) != state) {
      assertThat(System.nanoTime()).isLessThan(deadlineNanos);
      Thread.sleep(20);
    }
  }

  /** As the kernel writes it: T is stopped. */
  private static char state(long pid) throws Exception {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }

  @Test
  void ignoresTheInterruptOfTheKeyboard() throws Exception {
    try (ChildProcess child = ChildProcess.start(command(directory, Patient.class))) {
      child.awaitReady(() -> Files.exists(directory.resolve("ready")), LIMIT);

      new ProcessBuilder("kill", "-INT", Long.toString(child.pid())).start().waitFor();

      assertThat(child.onExit().completeOnTimeout(null, 1, TimeUnit.SECONDS).get()).isNull();
    }
  }

  @Test
  void quotesTheLastErrorOfAChildThatEndsAtItsStart() {
    try (ChildProcess child = ChildProcess.start(command(directory, Failing.class))) {
      assertThatThrownBy(() -> child.awaitReady(() -> false, LIMIT))
          .isInstanceOf(StackException.class)
          .hasMessageContaining("The child ended at its start with exit code 3")
          .hasMessageContaining("ERROR disk is full")
          .hasMessageContaining("see " + child.log());
    }
  }

  @Test
  void givesUpOnAChildThatIsNeverReady() {
    ChildProcess child = ChildProcess.start(command(directory, Patient.class));
    try (child) {
      assertThatThrownBy(() -> child.awaitReady(() -> false, Duration.ofMillis(200)))
          .isInstanceOf(StackException.class)
          .hasMessageContaining("was not ready within 0 s");
    }
    assertThat(ProcessHandle.of(child.pid())).isEmpty();
  }

  @Test
  void failsAChildThatDoesNotRunToItsEnd() {
    assertThatThrownBy(
            () -> ChildProcess.runToEnd(command(directory, Patient.class), Duration.ofMillis(300)))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("took longer than");
  }

  private static ChildProcess.Command command(Path directory, Class<?> main) {
    return new ChildProcess.Command(
        "The child",
        directory,
        directory.resolve("child.log"),
        Map.of(),
        List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"),
        System.getProperty("java.class.path"),
        main.getName(),
        List.of(directory.toString()));
  }

  /** Main class of a child that would run for long, and whose shutdown hook leaves a file. */
  public static final class Patient {
    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> touch(directory.resolve("hook-ran"))));
      touch(directory.resolve("ready"));
      TimeUnit.MINUTES.sleep(2);
    }

    private static void touch(Path file) {
      try {
        Files.createFile(file);
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  /** Main class of a child that gives up at once. */
  public static final class Failing {
    public static void main(String[] args) {
      System.out.println("12:00:00 ERROR disk is full");
      System.out.println("12:00:01 INFO shutting down");
      System.exit(3);
    }
  }

  /** Main class of a parent that starts a child, prints its pid and pauses it. */
  public static final class PausingParent {
    public static void main(String[] args) throws InterruptedException {
      Path directory = Path.of(args[0]);
      ChildProcess child = ChildProcess.start(command(directory, Patient.class));
      child.awaitReady(() -> Files.exists(directory.resolve("ready")), LIMIT);
      System.out.println(child.pid());
      child.pauseFor(Duration.ofSeconds(4));
    }
  }

  /** Main class of a parent that starts a child, prints its pid and waits. */
  public static final class Parent {
    public static void main(String[] args) throws InterruptedException {
      Path directory = Path.of(args[0]);
      ChildProcess child = ChildProcess.start(command(directory, Patient.class));
      child.awaitReady(() -> Files.exists(directory.resolve("ready")), LIMIT);
      System.out.println(child.pid());
      TimeUnit.MINUTES.sleep(2);
    }
  }
}
