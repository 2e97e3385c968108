package ai.falaj.jobs.enrich;

import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.operators.InferenceOperatorFactory;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptOutcome;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.RequestKeys;
import ai.falaj.operators.fields.OutputSchema;
import ai.falaj.operators.fields.ParsedOutput;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.schemas.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

/** Asks about a few records, in a Flink of this process, and writes nothing. */
public final class SampleJob {

  private SampleJob() {}

  /**
   * What came of a sample.
   *
   * @param asked questions that were asked; the others are equal to one of them
   * @param failed records without values
   * @param seconds from the first question to the last answer
   */
  public record Result(
      long records,
      long asked,
      long failed,
      long promptTokens,
      long cachedTokens,
      long completionTokens,
      double seconds) {}

  /**
   * @param records values of the records
   * @param flink settings of Flink
   * @throws IllegalStateException when the job failed
   */
  public static Result run(
      EnrichmentSettings settings, RuntimeSpec spec, List<byte[]> records, Configuration flink) {
    PromptMaker maker = EnrichmentJob.prompting(settings, spec.model()).open();
    List<PromptRecord> prompts = new ArrayList<>();
    for (byte[] record : records) {
      prompts.add(
          maker.prompt(
              new RecordOrigin(settings.source().name(), 0, prompts.size()),
              0,
              null,
              record,
              Optional.empty()));
    }
    Configuration configuration = new Configuration(flink);
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
    CompletionJob.configure(env, settings.job());
    CloseableIterator<PromptOutcome> outcomes =
        env.fromData(InferenceOutputs.PROMPT_TYPE, prompts.toArray(PromptRecord[]::new))
            .keyBy(new RequestKeys(), RequestKeys.TYPE)
            .transform(
                "inference",
                InferenceOutputs.COMPLETION_TYPE,
                new InferenceOperatorFactory(
                        spec,
                        settings.job().inference().withChunks(false).withReuse(settings.reuse()))
                    .withOutcomes()
                    .withReview(new AnswerCheck(settings.output())))
            .uid("inference")
            .getSideOutput(InferenceOutputs.OUTCOMES)
            .collectAsync();
    try (outcomes) {
      env.execute(settings.job().jobName() + "-sample");
      return result(outcomes, settings.output());
    } catch (Exception e) { // declared by execute
      throw new IllegalStateException("the sample cannot be tried: " + e.getMessage(), e);
    }
  }

  private static Result result(CloseableIterator<PromptOutcome> outcomes, OutputSchema output) {
    long records = 0;
    long asked = 0;
    long failed = 0;
    long promptTokens = 0;
    long cachedTokens = 0;
    long completionTokens = 0;
    long firstMs = Long.MAX_VALUE;
    long lastMs = Long.MIN_VALUE;
    while (outcomes.hasNext()) {
      PromptOutcome outcome = outcomes.next();
      records++;
      boolean good =
          outcome.completion().isPresent()
              && output.parse(outcome.completion().get().getAnswer())
                  instanceof ParsedOutput.Values;
      failed += good ? 0 : 1;
      if (outcome.completion().isPresent() && !outcome.reused()) {
        Completion completion = outcome.completion().get();
        asked++;
        promptTokens += completion.getUsage().getPromptTokens();
        cachedTokens += completion.getUsage().getCachedTokens();
        completionTokens += completion.getUsage().getCompletionTokens();
        long endMs = completion.getCompletedAt().toEpochMilli();
        firstMs = Math.min(firstMs, endMs - completion.getTimings().getTotalMs());
        lastMs = Math.max(lastMs, endMs);
      }
    }
    return new Result(
        records,
        asked,
        failed,
        promptTokens,
        cachedTokens,
        completionTokens,
        asked == 0 ? 0 : Math.max(1, lastMs - firstMs) / 1e3);
  }
}
