package ai.falaj.operators.reasoning;

import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Timeouts;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ReasoningTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Some prompts through a whole pipeline in a MiniCluster, with a planner, a solver and a judge that
 * follow a script.
 */
final class ReasoningRun {

  private final String name = "run-" + UUID.randomUUID();
  final ScriptedRuntimeSpec planner;
  final ScriptedRuntimeSpec solver;
  final ScriptedRuntimeSpec judge;
  final CollectedRecords<Completion> completions = new CollectedRecords<>(name, Completion.class);
  final CollectedRecords<DeadLetter> deadLetters = new CollectedRecords<>(name, DeadLetter.class);
  final CollectedRecords<CompletionChunk> chunks =
      new CollectedRecords<>(name, CompletionChunk.class);
  final CollectedRecords<ReasoningTrace> traces =
      new CollectedRecords<>(name, ReasoningTrace.class);

  ReasoningRun(RecipeScript script) {
    planner = ScriptedRuntimeSpec.of(name + "-planner", script::planner);
    solver = ScriptedRuntimeSpec.of(name + "-solver", script::solver);
    judge = ScriptedRuntimeSpec.of(name + "-judge", script::judge);
  }

  /**
   * Runs a bounded job to its end.
   *
   * @param solverTimeout after which the solver gives a request up, so that the job ends
   */
  ReasoningRun of(ReasoningOptions options, Duration solverTimeout, PromptRecord... prompts)
      throws Exception {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.OBJECT_REUSE, true);
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(2);
    ReasoningPipeline.Streams streams =
        ReasoningPipeline.connect(
            env.fromData(InferenceOutputs.PROMPT_TYPE, prompts), models(solverTimeout), options);
    streams.completions().sinkTo(completions);
    streams.deadLetters().sinkTo(deadLetters);
    streams.chunks().sinkTo(chunks);
    streams.traces().sinkTo(traces);
    env.execute();
    return this;
  }

  private ReasoningModels models(Duration solverTimeout) {
    InferenceOptions options = InferenceOptions.DEFAULT;
    return new ReasoningModels(
        new ReasoningModels.Role(planner, options),
        new ReasoningModels.Role(
            solver, options.withTimeouts(new Timeouts(Duration.ZERO, solverTimeout))),
        new ReasoningModels.Role(judge, options));
  }

  /** Every call that was made, by role. */
  List<AskedCall> calls() {
    List<AskedCall> calls = new ArrayList<>();
    planner.received().forEach(request -> calls.add(AskedCall.of("planner", request)));
    solver.received().forEach(request -> calls.add(AskedCall.of("solver", request)));
    judge.received().forEach(request -> calls.add(AskedCall.of("judge", request)));
    return calls;
  }

  Completion completion() {
    return completions.values().get(0);
  }

  ReasoningTrace trace() {
    return traces.values().get(0);
  }
}
