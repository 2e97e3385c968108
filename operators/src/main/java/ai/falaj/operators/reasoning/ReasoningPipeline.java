package ai.falaj.operators.reasoning;

import ai.falaj.operators.InferenceOperatorFactory;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptKeys;
import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ReasoningTrace;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * K2 Think's recipe as stream operators: plan, solve N times, compare in pairs. Assembly only.
 *
 * <p>Each stage is three operators: {@link CallsFunction} makes requests of problems, the inference
 * operator of the stage's model answers them, {@link GatherFunction} joins answers and problems.
 * Nothing flows backwards, so the judge's comparisons, each of which needs the one before, are
 * stages of their own; a problem that needs no further one flows past. Problems and calls are
 * exchanged by the problem's key, so that the candidates of a problem meet in one runtime and share
 * their prefill, and every inference operator is the first of its chain.
 */
public final class ReasoningPipeline {

  /** What a reasoning job publishes. */
  public record Streams(
      DataStream<OutputRecord<Completion>> completions,
      DataStream<OutputRecord<DeadLetter>> deadLetters,
      DataStream<OutputRecord<CompletionChunk>> chunks,
      DataStream<OutputRecord<ReasoningTrace>> traces) {}

  private final ReasoningModels models;
  private final ReasoningOptions options;

  private DataStream<ProblemEvent> problems;
  private DataStream<OutputRecord<CompletionChunk>> solverChunks;

  private ReasoningPipeline(ReasoningModels models, ReasoningOptions options) {
    this.models = Objects.requireNonNull(models, "models");
    this.options = Objects.requireNonNull(options, "options");
  }

  /** Adds the stages behind a stream of prompts. */
  public static Streams connect(
      DataStream<PromptRecord> prompts, ReasoningModels models, ReasoningOptions options) {
    return new ReasoningPipeline(models, options).connect(prompts);
  }

  private Streams connect(DataStream<PromptRecord> prompts) {
    SingleOutputStreamOperator<ProblemEvent> taken =
        prompts
            .keyBy(new PromptKeys(), PromptKeys.TYPE)
            .process(new IntakeFunction(options), ReasoningOutputs.PROBLEM_TYPE)
            .name("intake")
            .uid("reasoning-intake");
    problems = taken;
    if (options.planning() != Planning.NONE) {
      addStage(new TopicsStep(options), models.planner().withoutChunks());
      addStage(new PlanStep(options), models.planner().withoutChunks());
    }
    solverChunks = addStage(new SolveStep(options), models.solver());
    for (int round = 1; round <= options.judgeRounds(); round++) {
      addStage(new JudgeStep(options, round), models.judge().withoutChunks());
    }
    return publish(taken.getSideOutput(InferenceOutputs.DEAD_LETTERS));
  }

  /** Returns the chunks of the stage's model. */
  private DataStream<OutputRecord<CompletionChunk>> addStage(
      ReasoningStep step, ReasoningModels.Role role) {
    String uid = "reasoning-" + step.name();
    SingleOutputStreamOperator<OutputRecord<Completion>> completions =
        problems
            .process(new CallsFunction(step), InferenceOutputs.PROMPT_TYPE)
            .name(step.name() + " calls")
            .uid(uid + "-calls")
            .keyBy(new PromptKeys(), PromptKeys.TYPE)
            .transform(
                step.name() + " with " + role.spec().model(),
                InferenceOutputs.COMPLETION_TYPE,
                new InferenceOperatorFactory(role.spec(), role.options()))
            .uid(uid + "-inference");
    DataStream<CallResult> completed =
        completions
            .map(CallResult::completed)
            .returns(ReasoningOutputs.RESULT_TYPE)
            .name(step.name() + " replies")
            .uid(uid + "-replies");
    DataStream<CallResult> failed =
        completions
            .getSideOutput(InferenceOutputs.DEAD_LETTERS)
            .map(CallResult::failed)
            .returns(ReasoningOutputs.RESULT_TYPE)
            .name(step.name() + " failures")
            .uid(uid + "-failures");
    problems =
        problems
            .keyBy(ProblemEvent::key, Types.STRING)
            .connect(completed.union(failed).keyBy(CallResult::problemKey, Types.STRING))
            .process(new GatherFunction(step), ReasoningOutputs.PROBLEM_TYPE)
            .name(step.name())
            .uid(uid);
    return completions.getSideOutput(InferenceOutputs.CHUNKS);
  }

  private Streams publish(DataStream<OutputRecord<DeadLetter>> refused) {
    SingleOutputStreamOperator<OutputRecord<Completion>> answers =
        problems
            .process(
                new PublishFunction(options.maxTraceBytes(), models.solver().options().chunks()),
                InferenceOutputs.COMPLETION_TYPE)
            .name("answers")
            .uid("reasoning-answers");
    DataStream<OutputRecord<CompletionChunk>> firstCandidates =
        solverChunks
            .map(new ChunkForwarder())
            .returns(InferenceOutputs.CHUNKS.getTypeInfo())
            .name("first candidates")
            .uid("reasoning-first-candidates");
    return new Streams(
        answers,
        refused.union(answers.getSideOutput(InferenceOutputs.DEAD_LETTERS)),
        firstCandidates.union(answers.getSideOutput(InferenceOutputs.CHUNKS)),
        answers.getSideOutput(ReasoningOutputs.TRACES));
  }
}
