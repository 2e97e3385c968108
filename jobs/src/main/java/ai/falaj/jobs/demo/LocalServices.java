package ai.falaj.jobs.demo;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.dashboard.Dashboard;
import ai.falaj.jobs.dashboard.StackDashboardOptions;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.flink.configuration.Configuration;

/**
 * A stack of the demo's own with the completion job in it. The demo holds a lease of the job's
 * runtime, so that it can read the counters. Any thread.
 */
final class LocalServices implements DemoServices {

  private final LocalPipeline pipeline;
  private final RuntimeLease lease;
  private Optional<Dashboard> dashboard = Optional.empty();

  private LocalServices(LocalPipeline pipeline, RuntimeLease lease) {
    this.pipeline = pipeline;
    this.lease = lease;
  }

  /**
   * Starts everything and returns when the model is loaded and the job runs. Where one part fails,
   * what is up is stopped.
   *
   * @param job the job's settings, but for the addresses, which are the stack's
   * @param runtime that the job uses
   * @param progress hears how far its model is loaded
   */
  static LocalServices start(
      LocalStackOptions options,
      Configuration job,
      int parallelism,
      RuntimeSpec runtime,
      Checklist checklist,
      ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    LocalPipeline pipeline = startPipeline(options, job, parallelism, runtime, checklist, progress);
    try {
      return new LocalServices(pipeline, SharedRuntimes.ofThisJvm().acquire(runtime));
    } catch (RuntimeException | RuntimeLoadException | InterruptedException e) {
      pipeline.close();
      throw e;
    }
  }

  private static LocalPipeline startPipeline(
      LocalStackOptions options,
      Configuration job,
      int parallelism,
      RuntimeSpec runtime,
      Checklist checklist,
      ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    try (Checklist.Step step =
        checklist.begin("Model " + runtime.model() + " is loaded, completion job runs")) {
      LocalPipeline pipeline =
          LocalPipeline.start(
              options.withProgress(checklist::done), job, parallelism, runtime, progress);
      step.done();
      return pipeline;
    }
  }

  @Override
  public String model() {
    return lease.runtime().info().model();
  }

  @Override
  public Connection connection() {
    return Connection.of(
        pipeline.stack().kafka().bootstrapServers(), pipeline.stack().registry().url());
  }

  @Override
  public Optional<String> flinkUrl() {
    return Optional.of(pipeline.stack().flink().url().toString());
  }

  /**
   * Serves the page over it as well. The demo prints all texts to its terminal, so the page may
   * show them too.
   */
  void serve(StackDashboardOptions options, Checklist checklist) {
    dashboard = options.start(connection(), pipeline.stack().flink().url(), true);
    dashboard.ifPresent(page -> checklist.done("Dashboard " + page.url()));
  }

  @Override
  public Optional<String> dashboardUrl() {
    return dashboard.map(page -> page.url().toString());
  }

  @Override
  public Optional<Supplier<RuntimeStats>> runtimeStats() {
    return Optional.of(() -> lease.runtime().stats());
  }

  @Override
  public CompletableFuture<Exception> failure() {
    return pipeline.failure().thenApply(reason -> reason);
  }

  @Override
  public void close() {
    dashboard.ifPresent(Dashboard::close);
    pipeline.close();
    lease.close();
  }
}
