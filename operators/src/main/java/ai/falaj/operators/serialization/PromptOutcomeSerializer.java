package ai.falaj.operators.serialization;

import ai.falaj.operators.PromptOutcome;
import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/** Writes {@link PromptOutcome}s; completion and dead letter go through Avro. */
public final class PromptOutcomeSerializer extends ImmutableSerializer<PromptOutcome> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  private final TypeSerializer<PromptRecord> prompts;
  private final TypeSerializer<Completion> completions;
  private final TypeSerializer<DeadLetter> deadLetters;

  public PromptOutcomeSerializer() {
    this(
        new PromptRecordSerializer(),
        new AvroSerializer<>(Completion.class),
        new AvroSerializer<>(DeadLetter.class));
  }

  private PromptOutcomeSerializer(
      TypeSerializer<PromptRecord> prompts,
      TypeSerializer<Completion> completions,
      TypeSerializer<DeadLetter> deadLetters) {
    this.prompts = prompts;
    this.completions = completions;
    this.deadLetters = deadLetters;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(PromptOutcome outcome, DataOutputView target) throws IOException {
    prompts.serialize(outcome.prompt(), target);
    target.writeBoolean(outcome.reused());
    target.writeBoolean(outcome.completion().isPresent());
    if (outcome.completion().isPresent()) {
      completions.serialize(outcome.completion().get(), target);
    } else {
      deadLetters.serialize(outcome.deadLetter().orElseThrow(), target);
    }
  }

  @Override
  PromptOutcome read(int layout, DataInputView source) throws IOException {
    PromptRecord prompt = prompts.deserialize(source);
    boolean reused = source.readBoolean();
    if (source.readBoolean()) {
      return PromptOutcome.completed(prompt, completions.deserialize(source), reused);
    }
    return new PromptOutcome(
        prompt, Optional.empty(), Optional.of(deadLetters.deserialize(source)), reused);
  }

  @Override
  public TypeSerializer<PromptOutcome> duplicate() {
    return new PromptOutcomeSerializer(
        prompts.duplicate(), completions.duplicate(), deadLetters.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PromptOutcomeSerializer that
        && prompts.equals(that.prompts)
        && completions.equals(that.completions)
        && deadLetters.equals(that.deadLetters);
  }

  @Override
  public int hashCode() {
    return prompts.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<PromptOutcome> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds the Avro schemas that outcomes were written with. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<PromptOutcome, PromptOutcomeSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(PromptOutcomeSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(PromptOutcomeSerializer serializer) {
      return new TypeSerializer<?>[] {
        serializer.prompts, serializer.completions, serializer.deadLetters
      };
    }

    @Override
    @SuppressWarnings("unchecked")
    protected PromptOutcomeSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new PromptOutcomeSerializer(
          (TypeSerializer<PromptRecord>) nested[0],
          (TypeSerializer<Completion>) nested[1],
          (TypeSerializer<DeadLetter>) nested[2]);
    }
  }
}
