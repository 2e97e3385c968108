package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class StackLockTest {

  @TempDir private Path state;

  @Test
  void refusesASecondHolderInThisProcessAndNamesTheFirst() {
    try (StackLock first = StackLock.acquire(state)) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> StackLock.acquire(state))
          .isInstanceOfSatisfying(
              StackException.class, e -> assertThat(e.isPrerequisite()).isTrue())
          .hasMessageContaining("runs already (pid " + ProcessHandle.current().pid() + ")")
          .hasMessageContaining("--state-dir");
    }
  }

  @Test
  void isFreeAgainAfterClose() {
    StackLock.acquire(state).close();
    StackLock.acquire(state).close();
  }

  @Test
  @Timeout(30)
  void endsWithTheProcessThatHeldIt() throws Exception {
    TestJvm holder = TestJvm.start(LockHolder.class, List.of(state.toString()));
    assertThat(holder.readLine()).isEqualTo("locked");
    assertThatThrownBy(() -> StackLock.acquire(state))
        .hasMessageContaining("(pid " + holder.pid() + ")");

    holder.kill();

    StackLock.acquire(state).close();
  }

  /** Main class of another JVM that locks a folder and waits. */
  static final class LockHolder {
    public static void main(String[] args) throws InterruptedException {
      StackLock lock = StackLock.acquire(Path.of(args[0]));
      System.out.println("locked");
      TimeUnit.MINUTES.sleep(1);
      lock.close();
    }
  }
}
