package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.LocalStack;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stack of the demo's own with the completion job in it. The demo holds a lease of the runtime
 * itself: the model is loaded before the job starts, the job finds it warm, and its counters can be
 * read. Any thread.
 */
final class LocalServices implements DemoServices {

  private static final Logger LOG = LoggerFactory.getLogger(LocalServices.class);
  private static final Duration JOB_START_LIMIT = Duration.ofSeconds(30);
  private static final long STATUS_PAUSE_MS = 50;

  private final LocalStack stack;
  private final RuntimeLease lease;
  private final Connection connection;
  private final CompletableFuture<Exception> failure = new CompletableFuture<>();

  private LocalServices(LocalStack stack, RuntimeLease lease, Connection connection) {
    this.stack = stack;
    this.lease = lease;
    this.connection = connection;
    stack.failure().thenAccept(failure::complete);
  }

  /**
   * Starts everything and returns when the job runs. Where one part fails, what is up is stopped.
   *
   * @param job the job's settings, but for the addresses, which are the stack's
   */
  static LocalServices start(
      LocalStackOptions options, Configuration job, RuntimeSpec runtime, Checklist checklist)
      throws RuntimeLoadException, InterruptedException {
    LocalStack stack = LocalStack.start(options.withProgress(checklist::done));
    try {
      RuntimeLease lease = load(runtime, checklist);
      try {
        Connection connection =
            Connection.of(stack.kafka().bootstrapServers(), stack.registry().url());
        LocalServices services = new LocalServices(stack, lease, connection);
        services.startJob(job, runtime, checklist);
        return services;
      } catch (RuntimeException | InterruptedException e) {
        lease.close();
        throw e;
      }
    } catch (RuntimeException | RuntimeLoadException | InterruptedException e) {
      stack.close();
      throw e;
    }
  }

  private static RuntimeLease load(RuntimeSpec runtime, Checklist checklist)
      throws RuntimeLoadException, InterruptedException {
    try (Checklist.Step step = checklist.begin("Model " + runtime.model() + " is loaded")) {
      RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(runtime);
      step.done();
      return lease;
    }
  }

  private void startJob(Configuration job, RuntimeSpec runtime, Checklist checklist)
      throws InterruptedException {
    Configuration settings = new Configuration(job);
    settings.set(CompletionOptions.BOOTSTRAP_SERVERS, connection.bootstrapServers());
    settings.set(CompletionOptions.SCHEMA_REGISTRY_URL, stack.registry().url());
    try (Checklist.Step step = checklist.begin("Completion job runs")) {
      StreamExecutionEnvironment environment = stack.flink().environment(settings);
      CompletionJob.build(environment, settings, runtime);
      JobClient client = environment.executeAsync();
      awaitRunning(client);
      client
          .getJobExecutionResult()
          .whenComplete((result, problem) -> failure.complete(jobEnded(problem)));
      step.done();
    } catch (RuntimeException | InterruptedException e) {
      throw e;
    } catch (Exception e) { // declared by Flink's executeAsync
      throw CliException.failure(
          "the completion job could not be started: " + e.getMessage(), "see the log", e);
    }
  }

  private static void awaitRunning(JobClient client)
      throws InterruptedException, ExecutionException {
    long deadlineNanos = System.nanoTime() + JOB_START_LIMIT.toNanos();
    JobStatus status = client.getJobStatus().get();
    while (status != JobStatus.RUNNING) {
      if (status.isTerminalState() || System.nanoTime() - deadlineNanos > 0) {
        throw CliException.failure("the completion job is " + status, "see the log");
      }
      Thread.sleep(STATUS_PAUSE_MS);
      status = client.getJobStatus().get();
    }
  }

  private static Exception jobEnded(Throwable problem) {
    String why = problem == null ? "" : ": " + problem.getMessage();
    return CliException.failure("the completion job ended" + why, "see the log", problem);
  }

  @Override
  public String model() {
    return lease.runtime().info().model();
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public Optional<String> flinkUrl() {
    return Optional.of(stack.flink().url().toString());
  }

  @Override
  public Optional<Supplier<RuntimeStats>> runtimeStats() {
    return Optional.of(() -> lease.runtime().stats());
  }

  @Override
  public CompletableFuture<Exception> failure() {
    return failure;
  }

  @Override
  public void close() {
    LOG.info("Stopping the demo's stack");
    stack.close();
    lease.close();
  }
}
