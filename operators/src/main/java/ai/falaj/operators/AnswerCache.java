package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.SamplingParameters;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/**
 * Answers that equal requests may have, for as long as {@link AnswerReuse} says. Keyed state by
 * {@link RequestKeys}, so it is in every checkpoint, survives restarts, moves when the job is
 * rescaled, and lies on disk where the job's state backend is RocksDB. Every method speaks of the
 * operator's current key. Confined to the task mailbox thread.
 *
 * <p>An answer is kept without what a reader knows from the request: its metadata, logprobs and
 * sampling parameters, of which a JSON schema alone may be larger than the answer.
 */
final class AnswerCache {

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "answers";

  private static final SamplingParameters NOT_KEPT = SamplingParameters.newBuilder().build();

  private final ValueState<Completion> answers;

  AnswerCache(RuntimeContext context, AnswerReuse reuse) {
    ValueStateDescriptor<Completion> descriptor =
        new ValueStateDescriptor<>(STATE_NAME, new AvroSerializer<>(Completion.class));
    descriptor.enableTimeToLive(
        StateTtlConfig.newBuilder(reuse.timeToLive())
            .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
            .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
            .build());
    this.answers = context.getState(descriptor);
  }

  /**
   * @param modelSha256 of the model that would be asked; an answer of another file is none
   */
  Optional<Completion> find(Optional<String> modelSha256) throws Exception {
    return Optional.ofNullable(answers.value())
        .filter(
            known ->
                modelSha256.isEmpty()
                    || Objects.equals(modelSha256.get(), known.getProvenance().getModelSha256()));
  }

  void put(Completion completion) throws Exception {
    Completion kept =
        new Completion(
            completion.getRequestId(),
            null,
            null,
            completion.getAnswer(),
            completion.getReasoning(),
            completion.getFinishReason(),
            completion.getUsage(),
            completion.getTimings(),
            new ai.falaj.schemas.Provenance(
                completion.getProvenance().getModel(),
                completion.getProvenance().getModelSha256(),
                completion.getProvenance().getEngine(),
                completion.getProvenance().getEngineVersion(),
                completion.getProvenance().getQuantization(),
                completion.getProvenance().getSeed(),
                NOT_KEPT,
                completion.getProvenance().getAttempts(),
                completion.getProvenance().getAdapter()),
            Map.of(),
            completion.getCompletedAt(),
            List.of(),
            completion.getSamples(),
            List.of());
    answers.update(kept);
  }
}
