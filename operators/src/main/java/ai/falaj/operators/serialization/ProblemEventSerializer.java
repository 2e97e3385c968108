package ai.falaj.operators.serialization;

import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.reasoning.Candidate;
import ai.falaj.operators.reasoning.Problem;
import ai.falaj.operators.reasoning.ProblemCancellation;
import ai.falaj.operators.reasoning.ProblemEvent;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ReasoningTrace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/**
 * Writes problems between stages and in checkpoints. Prompt, trace and candidates go through Avro,
 * so that their schemas evolve by Avro's rules.
 */
public final class ProblemEventSerializer extends ImmutableSerializer<ProblemEvent> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;
  private static final int PROBLEM = 0;
  private static final int CANCELLATION = 1;

  private final TypeSerializer<PromptRecord> prompts;
  private final TypeSerializer<ReasoningTrace> traces;
  private final TypeSerializer<Completion> completions;

  public ProblemEventSerializer() {
    this(
        new PromptRecordSerializer(),
        new AvroSerializer<>(ReasoningTrace.class),
        new AvroSerializer<>(Completion.class));
  }

  private ProblemEventSerializer(
      TypeSerializer<PromptRecord> prompts,
      TypeSerializer<ReasoningTrace> traces,
      TypeSerializer<Completion> completions) {
    this.prompts = prompts;
    this.traces = traces;
    this.completions = completions;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(ProblemEvent event, DataOutputView target) throws IOException {
    if (event instanceof Problem problem) {
      target.writeByte(PROBLEM);
      prompts.serialize(problem.prompt(), target);
      traces.serialize(problem.trace(), target);
      target.writeInt(problem.candidates().size());
      for (Candidate candidate : problem.candidates()) {
        target.writeInt(candidate.index());
        completions.serialize(candidate.completion(), target);
      }
    } else if (event instanceof ProblemCancellation cancellation) {
      target.writeByte(CANCELLATION);
      Fields.writeText(cancellation.key(), target);
      prompts.serialize(cancellation.tombstone(), target);
    }
  }

  @Override
  ProblemEvent read(int layout, DataInputView source) throws IOException {
    int kind = source.readByte();
    return switch (kind) {
      case PROBLEM ->
          new Problem(
              prompts.deserialize(source), traces.deserialize(source), readCandidates(source));
      case CANCELLATION ->
          new ProblemCancellation(Fields.readText(source), prompts.deserialize(source));
      default -> throw new IOException("unknown kind of problem event: " + kind);
    };
  }

  private List<Candidate> readCandidates(DataInputView source) throws IOException {
    int count = source.readInt();
    List<Candidate> candidates = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      candidates.add(new Candidate(source.readInt(), completions.deserialize(source)));
    }
    return candidates;
  }

  @Override
  public TypeSerializer<ProblemEvent> duplicate() {
    return new ProblemEventSerializer(
        prompts.duplicate(), traces.duplicate(), completions.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProblemEventSerializer that
        && prompts.equals(that.prompts)
        && traces.equals(that.traces)
        && completions.equals(that.completions);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * prompts.hashCode() + traces.hashCode()) + completions.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<ProblemEvent> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds the Avro schemas that problems were written with. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<ProblemEvent, ProblemEventSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(ProblemEventSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(ProblemEventSerializer serializer) {
      return new TypeSerializer<?>[] {
        serializer.prompts, serializer.traces, serializer.completions
      };
    }

    @Override
    @SuppressWarnings("unchecked")
    protected ProblemEventSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new ProblemEventSerializer(
          (TypeSerializer<PromptRecord>) nested[0],
          (TypeSerializer<ReasoningTrace>) nested[1],
          (TypeSerializer<Completion>) nested[2]);
    }
  }
}
