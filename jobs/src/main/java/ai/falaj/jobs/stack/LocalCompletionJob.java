package ai.falaj.jobs.stack;

import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.DialogueOptions;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.completion.RoutingSettings;
import ai.falaj.runtime.RuntimeSpec;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The completion job.
 *
 * @param given a runtime of the caller's; empty: the one that the options name
 */
public record LocalCompletionJob(Optional<RuntimeSpec> given) implements LocalJob {

  /** With the runtime that the options name. */
  public static LocalCompletionJob fromOptions() {
    return new LocalCompletionJob(Optional.empty());
  }

  public static LocalCompletionJob with(RuntimeSpec runtime) {
    return new LocalCompletionJob(Optional.of(runtime));
  }

  private RuntimeSpec runtime(Configuration options) {
    return given.orElseGet(() -> ModelSpecs.fromOptions(options));
  }

  private RoutingSettings routing(Configuration options) {
    return RoutingSettings.from(options, runtime(options).models());
  }

  @Override
  public void check(Configuration options) {
    CompletionJob.check(options, runtime(options));
  }

  @Override
  public List<RuntimeSpec> runtimes(Configuration options) {
    return List.of(runtime(options));
  }

  @Override
  public void createTopics(String bootstrapServers, Configuration options, int partitions) {
    RoutingSettings routing = routing(options);
    routing.controlTopic().ifPresent(topic -> LocalTopics.createCompacted(bootstrapServers, topic));
    if (routing.mayShadow()) {
      LocalTopics.create(bootstrapServers, List.of(routing.shadowTopic()), partitions);
    }
    if (options.get(DialogueOptions.TOOLS_ENABLED)) {
      LocalTopics.create(
          bootstrapServers,
          List.of(
              options.get(DialogueOptions.TOOL_REQUESTS_TOPIC),
              options.get(DialogueOptions.TOOL_RESPONSES_TOPIC)),
          partitions);
    }
  }

  @Override
  public CompletionSettings build(StreamExecutionEnvironment environment, Configuration options) {
    return CompletionJob.build(environment, options, runtime(options));
  }
}
