package ai.falaj.jobs.stack;

import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.runtime.RuntimeSpec;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job that a {@link LocalPipeline} runs. Each method gets the job's options, the addresses of
 * broker and registry included, and throws {@link IllegalArgumentException} with one line that
 * names the option and the remedy where one is wrong. Stateless.
 */
public interface LocalJob {

  /** Checks the options. Connects to nothing. */
  void check(Configuration options);

  /** What is loaded before the job starts; the first is the one that answers. */
  List<RuntimeSpec> runtimes(Configuration options);

  /**
   * Creates the topics that the options ask for beside those of the stack.
   *
   * @param partitions of each topic
   */
  void createTopics(String bootstrapServers, Configuration options, int partitions);

  /** Adds the job to an environment. */
  CompletionSettings build(StreamExecutionEnvironment environment, Configuration options);
}
