package ai.falaj.jobs.cli;

import ai.falaj.jobs.analytics.AnalyticsJob;
import ai.falaj.jobs.analytics.AnalyticsSettings;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.StackDescription;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code falaj analytics}: the analytics job in the running local stack, beside the job that
 * answers. It stays there when this command ends, and ends with the stack.
 */
@Command(
    name = "analytics",
    description = "Count usage, latency, cost and labels in the running local stack.",
    footer = {
      "",
      "Example: falaj up &  falaj analytics -D falaj.analytics.label-field=/category",
      "Reads completions, dead letters and chunks from their beginning; rows go to compacted topics,",
      "see docs/ANALYTICS.md. On another cluster: falaj submit --job analytics."
    },
    sortOptions = false)
final class AnalyticsCommand extends FalajCommand {

  /** Of rows; shorter shows them sooner. */
  private static final String CHECKPOINT_INTERVAL = "1 s";

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Parallelism of the job (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "A setting of the job; may be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /** As {@code --json} prints it. */
  record Started(String jobId, String flinkUrl, List<String> topics) {}

  @Override
  protected int run(Console console) {
    if (parallelism < 1) {
      throw CliException.usage("--parallelism is " + parallelism, "give at least 1");
    }
    StackDescription stack =
        StackDescription.running(directories().stackState())
            .orElseThrow(
                () ->
                    CliException.usage(
                        "no local stack runs",
                        "start one with falaj up, or use falaj submit --job analytics"));
    Configuration configuration = configuration(stack);
    List<String> topics = createTopics(configuration);
    Started started = start(stack, configuration, topics);
    if (console.isJson()) {
      console.json(started);
    } else {
      console.say("Job " + started.jobId() + " runs: " + started.flinkUrl());
      console.say("Topics: " + String.join(", ", topics));
    }
    return ExitCodes.OK;
  }

  private Configuration configuration(StackDescription stack) {
    Configuration configuration = new Configuration();
    configuration.setString(CompletionOptions.CHECKPOINT_INTERVAL.key(), CHECKPOINT_INTERVAL);
    configuration.set(CompletionOptions.BOOTSTRAP_SERVERS, stack.bootstrapServers());
    configuration.set(CompletionOptions.SCHEMA_REGISTRY_URL, stack.schemaRegistryUrl());
    configuration.addAll(Configuration.fromMap(settings));
    return configuration;
  }

  private static List<String> createTopics(Configuration configuration) {
    AnalyticsSettings settings;
    try {
      settings = AnalyticsSettings.from(configuration);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    List<String> topics =
        List.of(settings.usageTopic(), settings.labelsTopic(), settings.alertsTopic());
    for (String topic : topics) {
      LocalTopics.createCompacted(settings.job().bootstrapServers(), topic);
    }
    return topics;
  }

  /** The cluster is a Falaj of this release: it has the job's classes already. */
  private Started start(StackDescription stack, Configuration configuration, List<String> topics) {
    URI flink = URI.create(stack.flinkUrl());
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createRemoteEnvironment(
            flink.getHost(), flink.getPort(), configuration);
    env.setParallelism(parallelism);
    AnalyticsSettings settings = AnalyticsJob.build(env, configuration);
    try {
      JobClient job = env.executeAsync(settings.job().jobName());
      return new Started(job.getJobID().toHexString(), stack.flinkUrl(), topics);
    } catch (Exception e) { // declared by executeAsync
      throw CliException.failure(
          "the job could not be submitted: " + e.getMessage(), "see " + stack.flinkUrl(), e);
    }
  }
}
