package ai.falaj.jobs.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.stack.LocalStack;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The decode thread owns the loaded model from load to free, so as many threads are as many models.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SharedModelIT {

  private static final int SLOTS = 8;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void eightSlotsShareOneModelAndARestartedJobFindsItLoaded() throws Exception {
    Configuration job = new Configuration();
    job.set(
        CompletionOptions.MODEL,
        TinyModels.writeQwen2(directory.resolve("shared.gguf"), 3).toString());
    job.set(CompletionOptions.CONTEXT_TOKENS, 256);
    LocalStackOptions options =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("state"),
                directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), SLOTS)
            .withSlots(SLOTS);
    try (LocalStack stack = LocalStack.start(options)) {
      job.set(CompletionOptions.BOOTSTRAP_SERVERS, stack.kafka().bootstrapServers());
      job.set(CompletionOptions.SCHEMA_REGISTRY_URL, stack.registry().url());

      JobClient first = start(stack, job);
      List<Thread> models = decodeThreads();
      assertThat(models).hasSize(1);
      first.cancel().get();

      JobClient second = start(stack, job);
      assertThat(decodeThreads()).containsExactlyElementsOf(models);
      second.cancel().get();
    }
  }

  /** Returns when every subtask runs, so when each has its lease of the model. */
  private static JobClient start(LocalStack stack, Configuration job) throws Exception {
    StreamExecutionEnvironment environment = stack.flink().environment(job);
    environment.setParallelism(SLOTS);
    CompletionJob.build(environment, job, ModelSpecs.fromOptions(job));
    JobClient client = environment.executeAsync();
    FlinkRestClient rest = new FlinkRestClient(stack.flink().url());
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!rest.areAllTasksRunning(client.getJobID().toHexString())) {
      assertThat(System.nanoTime()).as("deadline for the job to run").isLessThan(deadline);
      Thread.sleep(100);
    }
    return client;
  }

  private static List<Thread> decodeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("falaj-decode-shared"))
        .toList();
  }
}
