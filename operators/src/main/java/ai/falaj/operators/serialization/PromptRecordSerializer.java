package ai.falaj.operators.serialization;

import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/**
 * Writes {@link PromptRecord}s; the request inside goes through Avro, so that its schema evolves by
 * Avro's rules. The rest has a layout version: 1 did not know retries, 2 no copies of
 * cancellations, 3 no answers of tools, 4 no shadows. Those are written field by field: Flink does
 * not let the number of nested serializers change between two savepoints.
 */
public final class PromptRecordSerializer extends ImmutableSerializer<PromptRecord> {

  private static final long serialVersionUID = 1L;

  private static final int NO_RETRIES_LAYOUT = 1;
  private static final int NO_COPIES_LAYOUT = 2;
  private static final int NO_SHADOWS_LAYOUT = 4;
  private static final int LAYOUT = 5;
  private static final int REQUEST = 0;
  private static final int UNDECODABLE = 1;
  private static final int CANCELLATION = 2;
  private static final int TOOL_ANSWER = 3;
  private static final int NO_COPY = -1;

  private final TypeSerializer<PromptRequest> requests;

  public PromptRecordSerializer() {
    this(new AvroSerializer<>(PromptRequest.class));
  }

  private PromptRecordSerializer(TypeSerializer<PromptRequest> requests) {
    this.requests = requests;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(PromptRecord record, DataOutputView target) throws IOException {
    Fields.writeText(record.origin().topic(), target);
    target.writeInt(record.origin().partition());
    target.writeLong(record.origin().offset());
    target.writeLong(record.timestampMs());
    Fields.writeOptionalBytes(record.key(), target);
    Fields.writeOptionalBytes(record.value(), target);
    Fields.writeOptionalText(record.traceparent(), target);
    target.writeInt(record.retries());
    if (record.content() instanceof PromptRecord.Request request) {
      target.writeByte(REQUEST);
      requests.serialize(request.request(), target);
      target.writeInt(request.shadows().size());
      for (String model : request.shadows()) {
        Fields.writeText(model, target);
      }
    } else if (record.content() instanceof PromptRecord.Undecodable undecodable) {
      target.writeByte(UNDECODABLE);
      Fields.writeText(undecodable.code().name(), target);
      Fields.writeText(undecodable.message(), target);
    } else if (record.content() instanceof PromptRecord.Cancellation cancellation) {
      target.writeByte(CANCELLATION);
      target.writeInt(cancellation.copy().orElse(NO_COPY));
    } else if (record.content() instanceof PromptRecord.ToolAnswer answer) {
      target.writeByte(TOOL_ANSWER);
      writeResponse(answer.response(), target);
    }
  }

  @Override
  PromptRecord read(int layout, DataInputView source) throws IOException {
    RecordOrigin origin =
        new RecordOrigin(Fields.readText(source), source.readInt(), source.readLong());
    long timestampMs = source.readLong();
    Optional<ByteBuffer> key = Fields.readOptionalBytes(source);
    Optional<ByteBuffer> value = Fields.readOptionalBytes(source);
    Optional<String> traceparent = Fields.readOptionalText(source);
    int retries = layout == NO_RETRIES_LAYOUT ? 0 : source.readInt();
    return new PromptRecord(
        origin, timestampMs, key, value, traceparent, retries, readContent(layout, source));
  }

  private PromptRecord.Content readContent(int layout, DataInputView source) throws IOException {
    int kind = source.readByte();
    return switch (kind) {
      case REQUEST ->
          new PromptRecord.Request(requests.deserialize(source), readShadows(layout, source));
      case UNDECODABLE ->
          new PromptRecord.Undecodable(
              ErrorCode.valueOf(Fields.readText(source)), Fields.readText(source));
      case CANCELLATION -> readCancellation(layout, source);
      case TOOL_ANSWER -> new PromptRecord.ToolAnswer(readResponse(source));
      default -> throw new IOException("unknown kind of prompt record: " + kind);
    };
  }

  private static List<String> readShadows(int layout, DataInputView source) throws IOException {
    List<String> models = new ArrayList<>();
    for (int left = layout > NO_SHADOWS_LAYOUT ? source.readInt() : 0; left > 0; left--) {
      models.add(Fields.readText(source));
    }
    return models;
  }

  private static PromptRecord.Cancellation readCancellation(int layout, DataInputView source)
      throws IOException {
    int copy = layout <= NO_COPIES_LAYOUT ? NO_COPY : source.readInt();
    return copy == NO_COPY
        ? PromptRecord.Cancellation.OF_PARTITION
        : new PromptRecord.Cancellation(OptionalInt.of(copy));
  }

  private static void writeResponse(ToolResponse response, DataOutputView target)
      throws IOException {
    Fields.writeText(response.getToolRequestId(), target);
    Fields.writeText(response.getRequestId(), target);
    Fields.writeText(response.getContent(), target);
    target.writeBoolean(response.getIsError());
    target.writeLong(response.getCreatedAt().toEpochMilli());
  }

  private static ToolResponse readResponse(DataInputView source) throws IOException {
    return new ToolResponse(
        Fields.readText(source),
        Fields.readText(source),
        Fields.readText(source),
        source.readBoolean(),
        Instant.ofEpochMilli(source.readLong()));
  }

  @Override
  public TypeSerializer<PromptRecord> duplicate() {
    return new PromptRecordSerializer(requests.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PromptRecordSerializer that && requests.equals(that.requests);
  }

  @Override
  public int hashCode() {
    return requests.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<PromptRecord> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds the Avro schema that requests were written with. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<PromptRecord, PromptRecordSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(PromptRecordSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(PromptRecordSerializer serializer) {
      return new TypeSerializer<?>[] {serializer.requests};
    }

    @Override
    @SuppressWarnings("unchecked")
    protected PromptRecordSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new PromptRecordSerializer((TypeSerializer<PromptRequest>) nested[0]);
    }
  }
}
