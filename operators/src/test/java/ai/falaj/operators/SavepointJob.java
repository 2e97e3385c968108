package ai.falaj.operators;

import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;

/**
 * The job whose savepoints are kept as fixtures, one per release: a keyed stream, so that requests
 * in flight, the answers that it remembers and the results that wait for their commit are all in
 * them. Names and uids never change.
 */
final class SavepointJob {

  static final int PROMPTS = 10;
  static final String SHORT = "short";
  static final String LONG = "one two three four five six seven eight";

  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT
          .withOrder(ResultOrder.KEY_ORDERED)
          .withDeduplication(new Deduplication(Duration.ofDays(36_500), true));

  private SavepointJob() {}

  /**
   * @param repeat whether the first prompt comes once more
   * @param savepoint to begin from
   */
  static JobClient start(
      FakeRuntimeSpec spec, boolean repeat, Optional<Path> savepoint, CommittedResults results)
      throws Exception {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    savepoint.ifPresent(
        path -> config.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(1);
    env.setMaxParallelism(16);
    env.fromSource(
            new GatedSource<>(new NumberSequenceSource(0, Long.MAX_VALUE)),
            WatermarkStrategy.noWatermarks(),
            "numbers",
            Types.LONG)
        .uid("numbers")
        .flatMap(new NumbersToPrompts(repeat))
        .returns(InferenceOutputs.PROMPT_TYPE)
        .uid("prompts")
        .keyBy(new PromptKeys(), PromptKeys.TYPE)
        .transform(
            "inference",
            InferenceOutputs.COMPLETION_TYPE,
            new InferenceOperatorFactory(spec, OPTIONS))
        .uid("inference")
        .sinkTo(results)
        .uid("results");
    return env.executeAsync();
  }

  /** Ten prompts, and then nothing for ever. */
  private static final class NumbersToPrompts implements FlatMapFunction<Long, PromptRecord> {
    private static final long serialVersionUID = 1L;

    private boolean repeat;

    NumbersToPrompts(boolean repeat) {
      this.repeat = repeat;
    }

    @Override
    public void flatMap(Long number, Collector<PromptRecord> out) throws InterruptedException {
      if (repeat) {
        repeat = false;
        out.collect(Prompts.record("r0", SHORT));
      }
      if (number < PROMPTS) {
        out.collect(Prompts.record("r" + number, number == 0 ? SHORT : LONG));
      } else {
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }
  }
}
