package ai.falaj.operators.reasoning;

import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.SamplingParameters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;

/**
 * The reasoning job whose savepoints are kept as fixtures, and rescaled. It asks some problems and
 * then waits for ever. Uids never change, and no time-out ever comes, as a fixture grows old.
 */
final class ReasoningSavepointJob {

  private static final Duration FOREVER = Duration.ofDays(36_500);

  private static final ReasoningOptions OPTIONS =
      ReasoningOptions.builder()
          .patience(new Patience(FOREVER, FOREVER, HardTimeoutAction.DEAD_LETTER))
          .build();

  final CollectedRecords<Completion> completions;
  final CollectedRecords<DeadLetter> deadLetters;
  final CollectedRecords<ReasoningTrace> traces;

  private final HeldRecipe recipe;

  /**
   * @param name unique in the JVM
   */
  ReasoningSavepointJob(String name) {
    recipe = new HeldRecipe(name);
    completions = new CollectedRecords<>(name, Completion.class);
    deadLetters = new CollectedRecords<>(name, DeadLetter.class);
    traces = new CollectedRecords<>(name, ReasoningTrace.class);
  }

  HeldRecipe recipe() {
    return recipe;
  }

  /**
   * @param prefix of the problems' ids
   * @param count problems that are asked
   * @param cancelled key whose problems are cancelled first
   * @param savepoint to begin from
   */
  JobClient start(
      int parallelism,
      String prefix,
      int count,
      Optional<String> cancelled,
      Optional<Path> savepoint)
      throws Exception {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.OBJECT_REUSE, true);
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    // All in one file, and most of it is schemas.
    config.set(CheckpointingOptions.FS_SMALL_FILE_THRESHOLD, MemorySize.ofMebiBytes(1));
    config.set(ExecutionOptions.SNAPSHOT_COMPRESSION, true);
    savepoint.ifPresent(
        path -> config.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(parallelism);
    env.setMaxParallelism(16);
    ReasoningPipeline.Streams streams =
        ReasoningPipeline.connect(
            env.fromSequence(0, Long.MAX_VALUE)
                .setParallelism(1)
                .uid("numbers")
                .flatMap(new Asker(prefix, count, cancelled.orElse("")))
                .returns(InferenceOutputs.PROMPT_TYPE)
                .setParallelism(1)
                .uid("problems"),
            ReasoningModels.of(recipe.spec(), InferenceOptions.DEFAULT),
            OPTIONS);
    streams.completions().sinkTo(completions).uid("completions");
    streams.deadLetters().sinkTo(deadLetters).uid("dead-letters");
    streams.traces().sinkTo(traces).uid("traces");
    return env.executeAsync();
  }

  /** Asks whatever the numbers are, so that a restored job asks anew. */
  private static final class Asker implements FlatMapFunction<Long, PromptRecord> {
    private static final long serialVersionUID = 1L;

    private final String prefix;
    private final int count;
    private String cancelled;
    private int asked;

    Asker(String prefix, int count, String cancelled) {
      this.prefix = prefix;
      this.count = count;
      this.cancelled = cancelled;
    }

    @Override
    public void flatMap(Long number, Collector<PromptRecord> out) throws InterruptedException {
      if (!cancelled.isEmpty()) {
        out.collect(Prompts.cancellation(cancelled));
        cancelled = "";
      }
      if (asked == count) {
        TimeUnit.MILLISECONDS.sleep(1);
        return;
      }
      String id = prefix + "-" + asked++;
      PromptRequest request = Prompts.request(id, "question " + id);
      request.setSampling(SamplingParameters.newBuilder().setSeed(100L).build());
      out.collect(Prompts.record(id, id, request));
    }
  }
}
