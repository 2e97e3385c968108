package ai.falaj.jobs.bench.delivery;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A completion job in a {@link BenchStack}, all tasks running. It is not restarted where it fails:
 * {@link #check()} then says why. {@link #close()} cancels it and waits for its end.
 *
 * <p>Confined to one thread.
 */
final class BenchJob implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long POLL_MS = 20;

  private final BenchStack stack;
  private final JobClient client;
  private final CompletableFuture<?> end;

  private BenchJob(BenchStack stack, JobClient client) {
    this.stack = stack;
    this.client = client;
    this.end = client.getJobExecutionResult();
  }

  /** Adds what is to be measured to an environment. */
  @FunctionalInterface
  interface Build {
    void into(StreamExecutionEnvironment environment, Configuration configuration);
  }

  /** The job of the product over this engine. */
  static Build falaj(RuntimeSpec engine) {
    return (environment, configuration) -> CompletionJob.build(environment, configuration, engine);
  }

  /** The job with something else in place of the inference. */
  static Build answering(CompletionJob.Answering answering) {
    return (environment, configuration) ->
        CompletionJob.build(environment, configuration, answering);
  }

  /**
   * Starts a job and waits until all of its tasks run.
   *
   * @param name of the job, its consumer group and its transactions
   * @param settings of the job, but for addresses, topics and names
   * @throws CliException where it does not come up
   */
  static BenchJob start(
      BenchStack stack,
      String name,
      Connection connection,
      Configuration settings,
      int parallelism,
      Build build)
      throws InterruptedException {
    Configuration complete = new Configuration();
    complete.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    complete.addAll(settings);
    complete.set(CompletionOptions.JOB_NAME, name);
    complete.set(CompletionOptions.GROUP_ID, name);
    complete.set(CompletionOptions.BOOTSTRAP_SERVERS, connection.bootstrapServers());
    complete.set(CompletionOptions.SCHEMA_REGISTRY_URL, connection.registry().displayUrls());
    complete.set(CompletionOptions.PROMPTS_TOPIC, connection.topic(RecordKind.PROMPTS));
    complete.set(CompletionOptions.CHUNKS_TOPIC, connection.topic(RecordKind.CHUNKS));
    complete.set(CompletionOptions.COMPLETIONS_TOPIC, connection.topic(RecordKind.COMPLETIONS));
    complete.set(CompletionOptions.DEAD_LETTERS_TOPIC, connection.topic(RecordKind.DEAD_LETTERS));
    StreamExecutionEnvironment environment = stack.parts().flink().environment(complete);
    environment.setParallelism(parallelism);
    try {
      build.into(environment, complete);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    BenchJob job;
    try {
      job = new BenchJob(stack, environment.executeAsync(name));
    } catch (Exception e) { // declared by executeAsync
      throw CliException.failure("the job was not taken: " + e.getMessage(), "see the log", e);
    }
    job.awaitRunning();
    return job;
  }

  private void awaitRunning() throws InterruptedException {
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    while (!stack.flink().areAllTasksRunning(id())) {
      check();
      if (System.nanoTime() - deadlineNanos > 0) {
        throw CliException.failure(
            "the job did not start within " + LIMIT.toSeconds() + " s", "see the log");
      }
      Thread.sleep(POLL_MS);
    }
  }

  /** As the REST API writes it. */
  String id() {
    return client.getJobID().toHexString();
  }

  /**
   * @throws CliException where the job or a part of the stack has ended
   */
  void check() {
    if (stack.parts().failure().isDone()) {
      throw stack.parts().failure().join();
    }
    if (end.isDone()) {
      String reason = "it ended";
      try {
        end.join();
      } catch (CompletionException e) {
        Throwable root = e;
        while (root.getCause() != null) {
          root = root.getCause();
        }
        reason = root.toString();
      }
      throw CliException.failure("the job does not run any more: " + reason, "see the log");
    }
  }

  @Override
  public void close() {
    if (end.isDone()) {
      return;
    }
    try {
      client.cancel().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      end.exceptionally(cancelled -> null).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw CliException.failure("the job was not cancelled: " + e, "see the log", e);
    }
  }
}
