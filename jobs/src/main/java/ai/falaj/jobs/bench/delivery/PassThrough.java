package ai.falaj.jobs.bench.delivery;

import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/**
 * The least that a job from Kafka to Kafka can do: every prompt becomes one and the same
 * completion, of the size that an answer of one token has, under the key of its own request.
 */
final class PassThrough extends RichMapFunction<PromptRecord, OutputRecord<Completion>> {

  private static final long serialVersionUID = 1L;

  private transient Completion completion;

  @Override
  public void open(OpenContext context) {
    completion =
        new Completion(
            "r123456",
            null,
            null,
            "word ",
            "",
            FinishReason.LENGTH,
            new Usage(1, 0, 0, 1),
            new Timings(1L, 1L, 1L),
            new Provenance(
                "delivery",
                null,
                "paced",
                "1",
                null,
                1L,
                SamplingParameters.newBuilder()
                    .setTemperature(1.0)
                    .setTopP(1.0)
                    .setTopK(0)
                    .setMinP(0.0)
                    .setMaxTokens(1)
                    .setSeed(1L)
                    .setN(1)
                    .setPresencePenalty(0.0)
                    .setFrequencyPenalty(0.0)
                    .setRepetitionPenalty(1.0)
                    .build(),
                1,
                null),
            Map.of(),
            Instant.now(),
            List.of(),
            List.of());
  }

  @Override
  public OutputRecord<Completion> map(PromptRecord prompt) {
    PromptRecord.Request content = (PromptRecord.Request) prompt.content();
    return new OutputRecord<>(
        Optional.of(content.request().getRequestId()), completion, prompt.traceparent());
  }
}
