package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(150)
class LocalStackIT {

  /** Threads that Flink or the JVM keep per process, whatever is closed. */
  private static final Set<String> OF_THE_PROCESS =
      Set.of(
          "process reaper", "Common-Cleaner", "Cleaner-0", "FlinkCompletableFutureDelayScheduler");

  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(20);

  @TempDir private Path directory;

  @Test
  void runsAJobTellsWhenAPartDiesAndLeavesNothingBehind() throws Exception {
    Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
    Path state = directory.resolve("state");
    LocalStackOptions options =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")), state, directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(List.of("in", "out"), 2)
            .withSlots(2);
    List<Long> children;
    try (LocalStack stack = LocalStack.start(options)) {
      children = List.of(stack.kafka().pid(), stack.registry().pid());
      assertThat(StackDescription.running(state)).contains(stack.description());
      assertThatThrownBy(() -> LocalStack.start(options)).hasMessageContaining("runs already");
      assertThat(statusOfJob(stack.flink())).isEqualTo(JobStatus.FINISHED);
      assertThat(stack.failure()).isNotDone();

      ProcessHandle.of(stack.registry().pid()).orElseThrow().destroyForcibly();

      assertThat(stack.failure().get(20, TimeUnit.SECONDS))
          .hasMessageContaining("The schema registry ended with exit code")
          .hasMessageContaining("registry.log");
    }

    assertThat(children).allSatisfy(pid -> assertThat(ProcessHandle.of(pid)).isEmpty());
    assertThat(namesIn(state)).containsExactly("lock");
    assertThat(threadsLeft(threadsBefore)).isEmpty();
  }

  private static JobStatus statusOfJob(LocalFlink flink) throws Exception {
    StreamExecutionEnvironment environment = flink.environment(new Configuration());
    environment.setParallelism(2);
    environment.fromSequence(1, 1_000).sinkTo(new DiscardingSink<>());
    JobClient job = environment.executeAsync("count");
    job.getJobExecutionResult().get(60, TimeUnit.SECONDS);
    return job.getJobStatus().get(20, TimeUnit.SECONDS);
  }

  private static Set<String> threadsLeft(Set<Thread> before) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + SETTLE_LIMIT.toNanos();
    while (true) {
      Set<String> left =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> !before.contains(thread) && thread.isAlive())
              .map(Thread::getName)
              .filter(name -> OF_THE_PROCESS.stream().noneMatch(name::startsWith))
              .collect(Collectors.toCollection(TreeSet::new));
      if (left.isEmpty() || System.nanoTime() > deadlineNanos) {
        return left;
      }
      Thread.sleep(100);
    }
  }

  private static List<String> namesIn(Path folder) {
    return Arrays.asList(folder.toFile().list());
  }
}
