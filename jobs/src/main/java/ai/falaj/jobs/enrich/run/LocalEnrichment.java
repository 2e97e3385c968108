package ai.falaj.jobs.enrich.run;

import ai.falaj.jobs.enrich.EnrichmentJob;
import ai.falaj.jobs.enrich.EnrichmentSettings;
import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import ai.falaj.jobs.enrich.totals.TotalsAccumulator;
import ai.falaj.runtime.RuntimeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;

/**
 * An enrichment in a Flink of this process. Where a folder for checkpoints is given, they stay
 * there when the process is killed or the job fails, and the next run may go on from the newest.
 */
public final class LocalEnrichment {

  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final long POLL_MS = 250;
  private static final int RESTARTS_PER_MINUTE = 3;

  private LocalEnrichment() {}

  /**
   * Runs until the job ends.
   *
   * @param options of Flink, over this class's own
   * @param checkpoints where they are kept; absent: in a folder that goes with the run
   * @param startFrom a checkpoint to go on from
   * @param progress told a few times a second, from the calling thread
   * @throws IllegalArgumentException where the job cannot be built
   * @throws IllegalStateException when it failed, with its reason
   */
  public static EnrichmentTotals run(
      EnrichmentSettings settings,
      RuntimeSpec spec,
      Configuration options,
      int parallelism,
      Optional<Path> checkpoints,
      Optional<Path> startFrom,
      Consumer<EnrichmentTotals> progress)
      throws IOException, InterruptedException {
    Path temporary = Files.createTempDirectory("falaj-enrich");
    try {
      Configuration flink = flink(temporary, checkpoints.orElse(temporary.resolve("checkpoints")));
      flink.addAll(options);
      startFrom.ifPresent(
          path -> flink.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
      StreamExecutionEnvironment env =
          StreamExecutionEnvironment.createLocalEnvironment(parallelism, flink);
      EnrichmentJob.build(env, settings, spec);
      return follow(start(env, settings), progress);
    } finally {
      // Flink deletes some of it itself, perhaps at this moment.
      FileUtils.deleteDirectoryQuietly(temporary.toFile());
    }
  }

  private static Configuration flink(Path temporary, Path checkpoints) throws IOException {
    Files.createDirectories(checkpoints);
    Configuration flink = new Configuration();
    flink.set(CoreOptions.TMP_DIRS, temporary.toString());
    flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
    flink.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    // A source that has read everything waits for what lies in its buffers, and checkpoints wait
    // for that, too: keep it to a second's worth.
    flink.set(TaskManagerOptions.BUFFER_DEBLOAT_ENABLED, true);
    flink.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, HEARTBEAT);
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "failure-rate");
    flink.set(
        RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_MAX_FAILURES_PER_INTERVAL,
        RESTARTS_PER_MINUTE);
    flink.set(
        RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_FAILURE_RATE_INTERVAL,
        Duration.ofMinutes(1));
    flink.set(RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_DELAY, Duration.ofSeconds(1));
    return flink;
  }

  private static JobClient start(StreamExecutionEnvironment env, EnrichmentSettings settings) {
    try {
      return env.executeAsync(settings.job().jobName());
    } catch (Exception e) { // declared by executeAsync
      throw new IllegalStateException("the job could not be started: " + rootMessage(e), e);
    }
  }

  private static EnrichmentTotals follow(JobClient job, Consumer<EnrichmentTotals> progress)
      throws InterruptedException {
    try {
      while (true) {
        try {
          JobExecutionResult result =
              job.getJobExecutionResult().get(POLL_MS, TimeUnit.MILLISECONDS);
          return totals(result.getAllAccumulatorResults().get(TotalsAccumulator.NAME));
        } catch (TimeoutException running) {
          maybeTell(job, progress);
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the job failed: " + rootMessage(e), e);
    } catch (InterruptedException e) {
      job.cancel();
      throw e;
    }
  }

  /** A job that ended since it was looked at has nothing to tell; its result has everything. */
  private static void maybeTell(JobClient job, Consumer<EnrichmentTotals> progress)
      throws InterruptedException {
    Object json;
    try {
      json = job.getAccumulators().get().get(TotalsAccumulator.NAME);
    } catch (ExecutionException | IllegalStateException ended) {
      return; // the second of them is how a MiniCluster says so
    }
    if (json != null) {
      progress.accept(totals(json));
    }
  }

  private static EnrichmentTotals totals(Object json) {
    return json == null ? new EnrichmentTotals() : EnrichmentTotals.fromJson((String) json);
  }

  /**
   * The newest checkpoint in a folder that a run kept its checkpoints in.
   *
   * @return empty: there is none
   */
  public static Optional<Path> newestCheckpoint(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(checkpoints, 3)) {
      List<Path> complete =
          files.filter(file -> file.getFileName().toString().equals("_metadata")).toList();
      Path newest = null;
      FileTime newestTime = null;
      for (Path metadata : complete) {
        FileTime time = Files.getLastModifiedTime(metadata);
        if (newest == null || time.compareTo(newestTime) > 0) {
          newest = metadata.getParent();
          newestTime = time;
        }
      }
      return Optional.ofNullable(newest);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }
}
