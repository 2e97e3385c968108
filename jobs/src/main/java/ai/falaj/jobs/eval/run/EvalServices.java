package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.stack.LocalJob;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.progress.ProgressListener;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;

/**
 * What a run is sent to: a stack of its own with a job in it, or services that others run. {@link
 * #close()} stops what was started here. Any thread.
 */
public final class EvalServices implements AutoCloseable {

  private final Connection connection;
  private final Optional<LocalPipeline> pipeline;

  private EvalServices(Connection connection, Optional<LocalPipeline> pipeline) {
    this.connection = connection;
    this.pipeline = pipeline;
  }

  /** A broker, a registry and a job that others run. */
  public static EvalServices existing(Connection connection) {
    return new EvalServices(connection, Optional.empty());
  }

  /**
   * Starts everything and returns when the models are loaded and the job runs; nothing is left
   * running where one part fails.
   *
   * @param settings of the job, but for the addresses, which are the stack's
   */
  public static EvalServices start(
      LocalStackOptions options,
      LocalJob job,
      Configuration settings,
      int parallelism,
      ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    LocalPipeline pipeline = LocalPipeline.start(options, job, settings, parallelism, progress);
    Connection connection =
        Connection.of(
            pipeline.stack().kafka().bootstrapServers(), pipeline.stack().registry().url());
    return new EvalServices(connection, Optional.of(pipeline));
  }

  public Connection connection() {
    return connection;
  }

  /** Completes with the reason when something fails that was started here; else never. */
  public CompletableFuture<StackException> failure() {
    return pipeline.map(LocalPipeline::failure).orElseGet(CompletableFuture::new);
  }

  /** Whether everything was started here, so that nothing is left to be cancelled at an end. */
  public boolean areOwn() {
    return pipeline.isPresent();
  }

  @Override
  public void close() {
    pipeline.ifPresent(LocalPipeline::close);
  }
}
