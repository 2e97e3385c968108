package ai.falaj.jobs.bench.delivery;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptOutcome;
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
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;

/** The least that an enrichment can do: every record gets one and the same answer, where it is. */
final class EnrichPassThrough extends RichMapFunction<PromptRecord, PromptOutcome> {

  private static final long serialVersionUID = 1L;

  private transient Completion completion;

  static DataStream<PromptOutcome> answer(DataStream<PromptRecord> prompts) {
    return prompts
        .map(new EnrichPassThrough(), InferenceOutputs.OUTCOMES.getTypeInfo())
        .name("map")
        .uid("map");
  }

  @Override
  public void open(OpenContext context) {
    completion =
        new Completion(
            "r",
            null,
            null,
            "word ",
            "",
            FinishReason.STOP,
            new Usage(1, 0, 0, 1),
            new Timings(1L, 1L, 1L),
            new Provenance(
                "enrich",
                null,
                "paced",
                "1",
                null,
                1L,
                SamplingParameters.newBuilder().build(),
                1,
                null),
            Map.of(),
            Instant.now(),
            List.of(),
            List.of(),
            List.of());
  }

  @Override
  public PromptOutcome map(PromptRecord prompt) {
    return PromptOutcome.completed(prompt, completion, false);
  }
}
