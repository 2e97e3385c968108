package ai.falaj.jobs.stack;

import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.reasoning.ReasoningJob;
import ai.falaj.jobs.reasoning.ReasoningSettings;
import ai.falaj.runtime.RuntimeSpec;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The reasoning job.
 *
 * @param models finds the runtimes of its roles
 */
public record LocalReasoningJob(ReasoningSettings.Models models) implements LocalJob {

  /** With the runtimes that the options name. */
  public static LocalReasoningJob fromOptions() {
    return new LocalReasoningJob(ModelSpecs::fromOptions);
  }

  @Override
  public void check(Configuration options) {
    ReasoningSettings.from(options, models);
  }

  @Override
  public List<RuntimeSpec> runtimes(Configuration options) {
    return ReasoningSettings.from(options, models).models().specs();
  }

  @Override
  public void createTopics(String bootstrapServers, Configuration options, int partitions) {
    LocalTopics.create(
        bootstrapServers,
        List.of(ReasoningSettings.from(options, models).tracesTopic()),
        partitions);
  }

  @Override
  public CompletionSettings build(StreamExecutionEnvironment environment, Configuration options) {
    return ReasoningJob.build(environment, options, models).job();
  }
}
