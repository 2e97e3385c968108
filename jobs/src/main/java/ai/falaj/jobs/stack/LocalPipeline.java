package ai.falaj.jobs.stack;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.progress.ProgressListener;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The local stack with a job in it, models loaded: ready for prompts once started.
 *
 * <p>Any thread. {@link #close()} stops the job with the stack.
 */
public final class LocalPipeline implements AutoCloseable {

  /** Loading a large model from a slow disk takes minutes. */
  private static final Duration READY_LIMIT = Duration.ofMinutes(15);

  /** Completions are seen when a checkpoint commits them; on one machine that may be often. */
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

  private static final long POLL_MS = 100;

  private final LocalStack stack;
  private final JobClient job;
  private final CompletionSettings settings;
  private final RuntimeSpec runtimeSpec;
  private final CompletableFuture<StackException> jobEnded;

  private LocalPipeline(
      LocalStack stack, JobClient job, CompletionSettings settings, RuntimeSpec runtimeSpec) {
    this.stack = stack;
    this.job = job;
    this.settings = settings;
    this.runtimeSpec = runtimeSpec;
    this.jobEnded = job.getJobExecutionResult().handle((result, e) -> jobEnded(e));
  }

  /**
   * Checks the job's options as far as that goes without a running stack.
   *
   * @throws IllegalArgumentException with one line that names the option and the remedy
   */
  public static void check(LocalJob job, Configuration options) {
    job.check(completed(options, "127.0.0.1:9092", "http://127.0.0.1:8082"));
  }

  /**
   * Starts the stack, loads the model, starts the completion job, and waits until every task of it
   * runs.
   *
   * @param options of the stack; the job's topics have to be among its topics
   * @param job options of the job, but for the addresses of broker and registry
   * @param parallelism of the job, at most the stack's slots
   * @param progress hears how far the model is loaded
   * @throws RuntimeLoadException when the model cannot be loaded; nothing is left running then
   * @throws StackException when a part does not come up or the job fails; nothing is left running
   *     then
   */
  public static LocalPipeline start(
      LocalStackOptions options, Configuration job, int parallelism, ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    return start(options, LocalCompletionJob.fromOptions(), job, parallelism, progress);
  }

  /** The same with a runtime of the caller's in place of the one that the options name. */
  public static LocalPipeline start(
      LocalStackOptions options,
      Configuration job,
      int parallelism,
      RuntimeSpec spec,
      ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    return start(options, LocalCompletionJob.with(spec), job, parallelism, progress);
  }

  /** The same with another job. */
  public static LocalPipeline start(
      LocalStackOptions options,
      LocalJob job,
      Configuration jobOptions,
      int parallelism,
      ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    LocalStack stack = LocalStack.start(options);
    try {
      String bootstrapServers = stack.kafka().bootstrapServers();
      Configuration complete = completed(jobOptions, bootstrapServers, stack.registry().url());
      List<RuntimeSpec> runtimes = job.runtimes(complete);
      // Loaded here, where somebody sees how far it got, and kept until the job has leases of its
      // own.
      try (LoadedRuntimes loaded = LoadedRuntimes.load(runtimes, progress)) {
        Objects.requireNonNull(loaded);
        job.createTopics(bootstrapServers, complete, options.partitions());
        LocalPipeline pipeline = submit(stack, job, complete, parallelism, runtimes.get(0));
        pipeline.awaitReady();
        return pipeline;
      }
    } catch (RuntimeException | RuntimeLoadException | InterruptedException e) {
      stack.close();
      throw e;
    }
  }

  private static Configuration completed(
      Configuration job, String bootstrapServers, String schemaRegistryUrl) {
    Configuration complete = new Configuration();
    complete.set(CompletionOptions.CHECKPOINT_INTERVAL, CHECKPOINT_INTERVAL);
    // A job that cannot run ends after a few tries and says why, instead of trying for ever.
    complete.set(RestartStrategyOptions.RESTART_STRATEGY, "failure-rate");
    complete.set(RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_MAX_FAILURES_PER_INTERVAL, 3);
    complete.set(
        RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_FAILURE_RATE_INTERVAL,
        Duration.ofMinutes(1));
    complete.set(RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_DELAY, Duration.ofSeconds(1));
    complete.addAll(job);
    complete.set(CompletionOptions.BOOTSTRAP_SERVERS, bootstrapServers);
    complete.set(CompletionOptions.SCHEMA_REGISTRY_URL, schemaRegistryUrl);
    return complete;
  }

  private static LocalPipeline submit(
      LocalStack stack, LocalJob job, Configuration options, int parallelism, RuntimeSpec spec) {
    StreamExecutionEnvironment environment = stack.flink().environment(options);
    environment.setParallelism(parallelism);
    CompletionSettings settings = job.build(environment, options);
    try {
      return new LocalPipeline(stack, environment.executeAsync(settings.jobName()), settings, spec);
    } catch (Exception e) { // declared by executeAsync
      throw StackException.failure(
          "the job could not be submitted: " + rootMessage(e), "see the log", e);
    }
  }

  private void awaitReady() throws InterruptedException {
    FlinkRestClient rest = new FlinkRestClient(stack.flink().url());
    long deadlineNanos = System.nanoTime() + READY_LIMIT.toNanos();
    while (!rest.areAllTasksRunning(job.getJobID().toHexString())) {
      if (failure().isDone()) {
        throw failure().join();
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw StackException.failure(
            "the job was not ready within " + READY_LIMIT.toMinutes() + " minutes",
            "see " + stack.flink().url(),
            null);
      }
      Thread.sleep(POLL_MS);
    }
  }

  private static StackException jobEnded(Throwable cause) {
    if (cause == null) {
      return StackException.failure("the job ended", "start it again", null);
    }
    return StackException.failure("the job failed: " + rootMessage(cause), "see the log", cause);
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  /** Completes with the reason when the job or a part of the stack ends that nobody stopped. */
  public CompletableFuture<StackException> failure() {
    return stack.failure().applyToEither(jobEnded, reason -> reason);
  }

  public LocalStack stack() {
    return stack;
  }

  /** The job's options as they were understood. */
  public CompletionSettings settings() {
    return settings;
  }

  /** The runtime that answers; acquiring it in this JVM finds it loaded. */
  public RuntimeSpec runtimeSpec() {
    return runtimeSpec;
  }

  /** The job's id, as the REST API writes it. */
  public String jobId() {
    return job.getJobID().toHexString();
  }

  /** Stops the job and the stack. */
  @Override
  public void close() {
    stack.close();
  }
}
