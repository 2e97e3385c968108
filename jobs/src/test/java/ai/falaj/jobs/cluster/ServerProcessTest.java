package ai.falaj.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.stack.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServerProcessTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir private Path directory;

  @Test
  void isStartedAgainWhenItEndsByItself() throws Exception {
    try (ServerProcess server = server()) {
      server.start();
      awaitStart(server, 1);

      ProcessHandle.of(server.pid()).orElseThrow().destroyForcibly();
      awaitStart(server, 2);

      assertThat(server.unexpectedEnds()).isEqualTo(1);
      assertThat(ProcessHandle.of(server.pid())).isPresent();
    }
  }

  @Test
  void staysDownAfterAKillUntilItIsStarted() throws Exception {
    try (ServerProcess server = server()) {
      server.start();
      awaitStart(server, 1);

      server.kill();

      assertThat(ProcessHandle.of(server.pid())).isEmpty();
      Thread.sleep(1_500); // longer than it takes to start again what ended by itself
      assertThat(server.starts()).isEqualTo(1);
      server.start();
      awaitStart(server, 2);
      assertThat(server.unexpectedEnds()).isZero();
    }
  }

  @Test
  void cannotBePausedWhileItIsDown() {
    try (ServerProcess server = server()) {
      assertThatThrownBy(() -> server.pauseFor(Duration.ofMillis(10)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("The server is DOWN");
    }
  }

  @Test
  void isNotStartedAgainAfterItsClose() throws Exception {
    ServerProcess server = server();
    server.start();
    awaitStart(server, 1);

    server.close();
    server.start();
    Thread.sleep(1_500);

    assertThat(server.starts()).isEqualTo(1);
    assertThat(ProcessHandle.of(server.pid())).isEmpty();
  }

  private void awaitStart(ServerProcess server, int start) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    while (server.starts() != start || !Files.exists(directory.resolve("ready-" + start))) {
      assertThat(System.nanoTime()).isLessThan(deadlineNanos);
      Thread.sleep(20);
    }
  }

  private ServerProcess server() {
    return new ServerProcess(
        "The server",
        start ->
            new ChildProcess.Command(
                "The server",
                directory,
                directory.resolve("server-" + start + ".log"),
                Map.of(),
                List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"),
                System.getProperty("java.class.path"),
                Server.class.getName(),
                List.of(directory.resolve("ready-" + start).toString())));
  }

  /** Main class of a server that would run for long. */
  public static final class Server {
    public static void main(String[] args) throws Exception {
      Files.createFile(Path.of(args[0]));
      TimeUnit.MINUTES.sleep(2);
    }
  }
}
