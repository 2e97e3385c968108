package ai.falaj.jobs.reasoning;

import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.completion.StartCheck;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.operators.reasoning.ReasoningPipeline;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ReasoningTrace;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;

/**
 * Answers the questions of a Kafka topic with K2 Think's recipe: plan, best of N, a judge. It reads
 * and writes what the completion job does, and a trace of each problem beside it; completions, dead
 * letters and traces are in Kafka transactions that end with a checkpoint.
 */
public final class ReasoningJob {

  private ReasoningJob() {}

  /**
   * Submits the job. Arguments are options as {@code --falaj.reasoning.samples 5}; they win over
   * the configuration that the job is submitted with.
   *
   * @throws IllegalArgumentException with one line that says which option is wrong and what helps
   */
  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    Configuration config = new Configuration();
    config.addAll(Configuration.fromMap(env.getConfiguration().toMap()));
    config.addAll(Configuration.fromMap(ParameterTool.fromArgs(args).toMap()));
    ReasoningSettings settings = build(env, config, ModelSpecs::fromOptions);
    StartCheck.run(config, settings.job());
    env.execute(settings.job().jobName());
  }

  /**
   * Adds the job to an environment.
   *
   * @return the options as they were understood
   * @throws IllegalArgumentException with one line that says which option is wrong and what helps;
   *     nothing was added then
   */
  public static ReasoningSettings build(
      StreamExecutionEnvironment env, ReadableConfig config, ReasoningSettings.Models models) {
    ReasoningSettings settings = ReasoningSettings.from(config, models);
    CompletionSettings job = settings.job();
    CompletionJob.configure(env, job);
    CompletionJob.letBarriersOvertakePrompts(env);
    RegistryAccess registry = RegistryAccess.of(job.registry());

    ReasoningPipeline.Streams streams =
        ReasoningPipeline.connect(
            env.fromSource(
                    CompletionJob.promptSource(job, registry),
                    WatermarkStrategy.noWatermarks(),
                    job.promptsTopic(),
                    InferenceOutputs.PROMPT_TYPE)
                .uid("prompts"),
            settings.models(),
            settings.reasoning());
    streams
        .completions()
        .sinkTo(
            CompletionJob.resultSink(
                job, registry, job.completionsTopic(), "completions", Completion.class))
        .name(job.completionsTopic())
        .uid("completions");
    streams
        .deadLetters()
        .sinkTo(
            CompletionJob.resultSink(
                job, registry, job.deadLettersTopic(), "dead-letters", DeadLetter.class))
        .name(job.deadLettersTopic())
        .uid("dead-letters");
    streams
        .traces()
        .sinkTo(
            CompletionJob.resultSink(
                job, registry, settings.tracesTopic(), "traces", ReasoningTrace.class))
        .name(settings.tracesTopic())
        .uid("traces");
    streams
        .chunks()
        .sinkTo(CompletionJob.chunkSink(job, registry))
        .name(job.chunksTopic())
        .uid("chunks");
    return settings;
  }
}
