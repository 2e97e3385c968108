package ai.falaj.jobs.chaos;

import ai.falaj.jobs.cluster.ProcessCluster;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.runtime.RuntimeSpec;
import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The completion job as a run has it. It is submitted from this JVM, whose class path the cluster
 * shares: a jar would bring every class a second time, in a class loader that goes with the job and
 * would take the model along. Stateless.
 */
final class ChaosJob {

  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);

  /**
   * Longer than any outage that a run makes, or the broker would abort what only waits for its
   * commit; and shorter than the drain, so that a transaction that nobody ends would be seen as a
   * delay and not as a loss.
   */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(2);

  private ChaosJob() {}

  /**
   * The job's options, without the addresses of broker and registry.
   *
   * @throws IllegalArgumentException with one line that names the option and the remedy
   */
  static Configuration options(ChaosSettings settings) {
    Configuration job = new Configuration();
    job.set(CompletionOptions.CHECKPOINT_INTERVAL, CHECKPOINT_INTERVAL);
    job.set(CompletionOptions.TRANSACTION_TIMEOUT, TRANSACTION_TIMEOUT);
    settings
        .model()
        .ifPresent(
            model -> {
              // Several engines share the cores, and llama.cpp's threads wait in busy loops.
              job.set(CompletionOptions.THREADS, 1);
              job.set(CompletionOptions.MAX_SEQUENCES, 8);
              job.set(CompletionOptions.CONTEXT_TOKENS, 1024);
            });
    job.addAll(Configuration.fromMap(settings.job()));
    settings.model().ifPresent(model -> job.set(CompletionOptions.MODEL, model));
    CompletionSettings.from(withAddresses(job, "127.0.0.1:9092", "http://127.0.0.1:8082"));
    spec(settings, job);
    return job;
  }

  private static RuntimeSpec spec(ChaosSettings settings, Configuration job) {
    return settings.isScripted() ? ScriptedAnswers.spec() : ModelSpecs.fromOptions(job);
  }

  /**
   * Submits it.
   *
   * @param job what {@link #options} said
   * @return the job's id, as the REST API writes it
   */
  static String submit(ProcessCluster cluster, ChaosSettings settings, Configuration job) {
    Configuration complete =
        withAddresses(job, cluster.kafka().bootstrapServers(), cluster.registry().url());
    StreamExecutionEnvironment environment = cluster.flink().environment(complete);
    environment.setParallelism(settings.parallelism());
    CompletionSettings understood =
        CompletionJob.build(environment, complete, spec(settings, complete));
    try {
      return environment.executeAsync(understood.jobName()).getJobID().toHexString();
    } catch (Exception e) { // declared by executeAsync
      throw StackException.failure(
          "the job could not be submitted: " + e.getMessage(), "see the log", e);
    }
  }

  private static Configuration withAddresses(
      Configuration job, String bootstrapServers, String schemaRegistryUrl) {
    Configuration complete = new Configuration(job);
    complete.set(CompletionOptions.BOOTSTRAP_SERVERS, bootstrapServers);
    complete.set(CompletionOptions.SCHEMA_REGISTRY_URL, schemaRegistryUrl);
    return complete;
  }
}
