package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.SamplingParameters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BadHeaderException;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;

/**
 * Answers that equal requests may have, for as long as {@link AnswerReuse} says. Keyed state by
 * {@link RequestKeys}, so it is in every checkpoint, survives restarts, moves when the job is
 * rescaled, and lies on disk where the job's state backend is RocksDB. Every method speaks of the
 * operator's current key. Confined to the task mailbox thread.
 *
 * <p>An answer is kept without what a reader knows from the request: its metadata, logprobs and
 * sampling parameters, of which a JSON schema alone may be larger than the answer. It is kept as
 * bytes: a million records as trees of objects would be most of a heap, and would be written field
 * by field at every checkpoint. The bytes begin with the fingerprint of their schema (Avro's single
 * object encoding); one that was written with another schema is none, and is asked for again.
 */
final class AnswerCache {

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "answers";

  private static final byte[] HEADER = header();

  private static final SamplingParameters NOT_KEPT = SamplingParameters.newBuilder().build();

  /**
   * Entries that each access looks at and drops where their time is over: more than come with a
   * request, so that a heap keeps none for good, and no more, as it is work for every request.
   */
  private static final int CLEANED_PER_ACCESS = 2;

  private final ValueState<byte[]> answers;
  private final DatumWriter<Completion> writer = new SpecificDatumWriter<>(Completion.class);
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private BinaryEncoder binary;
  private final BinaryMessageDecoder<Completion> decoder = Completion.getDecoder();

  AnswerCache(RuntimeContext context, AnswerReuse reuse) {
    ValueStateDescriptor<byte[]> descriptor =
        new ValueStateDescriptor<>(STATE_NAME, BytePrimitiveArraySerializer.INSTANCE);
    descriptor.enableTimeToLive(
        StateTtlConfig.newBuilder(reuse.timeToLive())
            .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
            .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
            .cleanupIncrementally(CLEANED_PER_ACCESS, false)
            .build());
    this.answers = context.getState(descriptor);
  }

  /**
   * @param requestId of the question; another one may share its key
   * @param modelSha256 of the model that would be asked; an answer of another file is none
   */
  Optional<Completion> find(String requestId, Optional<String> modelSha256) throws Exception {
    byte[] kept = answers.value();
    return kept == null
        ? Optional.empty()
        : decoded(kept)
            .filter(
                known ->
                    known.getRequestId().equals(requestId)
                        && (modelSha256.isEmpty()
                            || Objects.equals(
                                modelSha256.get(), known.getProvenance().getModelSha256())));
  }

  private Optional<Completion> decoded(byte[] kept) throws IOException {
    try {
      return Optional.of(decoder.decode(kept));
    } catch (MissingSchemaException | BadHeaderException e) {
      return Optional.empty(); // another release wrote it
    }
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
    answers.update(encoded(kept));
  }

  /** Avro's own encoder of single objects writes byte by byte, at three times the cost. */
  private byte[] encoded(Completion kept) throws IOException {
    bytes.reset();
    bytes.write(HEADER);
    binary = EncoderFactory.get().binaryEncoder(bytes, binary);
    writer.write(kept, binary);
    binary.flush();
    return bytes.toByteArray();
  }

  /** The format's marker and the fingerprint of the schema, least byte first. */
  private static byte[] header() {
    return ByteBuffer.allocate(10)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0xC3)
        .put((byte) 0x01)
        .putLong(SchemaNormalization.parsingFingerprint64(Completion.getClassSchema()))
        .array();
  }
}
