package ai.falaj.operators.serialization;

import ai.falaj.operators.InFlightRequest;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.SampleProgress;
import ai.falaj.operators.ToolRound;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.schemas.Completion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/**
 * Writes the checkpointed state of the inference operator. Prompts and results go through Avro, so
 * that their schemas evolve by Avro's rules; the rest has a layout version: 1 held the tokens of
 * one sample, 2 those of each, 3 what it takes to go on from them, 4 the text of those that their
 * engine does not show, 5 rounds of tool calls, which conversation its prompt began with, and which
 * attempt sent its last chunks.
 */
public final class InFlightRequestSerializer extends ImmutableSerializer<InFlightRequest> {

  private static final long serialVersionUID = 1L;

  private static final int ONE_SAMPLE_LAYOUT = 1;
  private static final int ALL_SAMPLES_LAYOUT = 2;
  private static final int RESUMABLE_LAYOUT = 3;
  private static final int NO_ROUNDS_LAYOUT = 4;
  private static final int LAYOUT = 5;

  private final TypeSerializer<PromptRecord> prompts;
  private final TypeSerializer<Completion> completions;

  public InFlightRequestSerializer() {
    this(new PromptRecordSerializer(), new AvroSerializer<>(Completion.class));
  }

  private InFlightRequestSerializer(
      TypeSerializer<PromptRecord> prompts, TypeSerializer<Completion> completions) {
    this.prompts = prompts;
    this.completions = completions;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(InFlightRequest request, DataOutputView target) throws IOException {
    prompts.serialize(request.prompt(), target);
    Fields.writeOptionalLong(request.elementTimestampMs(), target);
    target.writeLong(request.receivedAtMs());
    Fields.writeOptionalLong(request.firstTokenAtMs(), target);
    target.writeInt(request.attempt());
    target.writeInt(request.generations());
    target.writeInt(request.failures());
    target.writeBoolean(request.cancelled());
    Fields.writeOptionalText(request.modelSha256(), target);
    target.writeInt(request.samples().size());
    for (SampleProgress sample : request.samples()) {
      writeSample(sample, target);
    }
    Fields.writeOptionalLong(request.historyDigest(), target);
    target.writeInt(request.rounds().size());
    for (ToolRound round : request.rounds()) {
      ToolRoundFields.write(round, target);
    }
    target.writeBoolean(request.repeated());
    target.writeBoolean(request.completion().isPresent());
    if (request.completion().isPresent()) {
      completions.serialize(request.completion().get(), target);
    }
  }

  @Override
  InFlightRequest read(int layout, DataInputView source) throws IOException {
    PromptRecord prompt = prompts.deserialize(source);
    OptionalLong elementTimestampMs = Fields.readOptionalLong(source);
    long receivedAtMs = source.readLong();
    boolean resumable = layout > ALL_SAMPLES_LAYOUT;
    OptionalLong firstTokenAtMs =
        resumable ? Fields.readOptionalLong(source) : OptionalLong.empty();
    int attempt = source.readInt();
    int generations = source.readInt();
    int failures = source.readInt();
    boolean cancelled = source.readBoolean();
    Optional<String> modelSha256 = resumable ? Fields.readOptionalText(source) : Optional.empty();
    int sampleCount = layout == ONE_SAMPLE_LAYOUT ? 1 : source.readInt();
    List<SampleProgress> samples = new ArrayList<>();
    for (int i = 0; i < sampleCount; i++) {
      SampleProgress sample = readSample(layout, source);
      // Before layout 3 nobody noted the model and the seed: such a request starts over.
      samples.add(resumable ? sample : SampleProgress.NOTHING);
    }
    boolean hasRounds = layout > NO_ROUNDS_LAYOUT;
    OptionalLong historyDigest = hasRounds ? Fields.readOptionalLong(source) : OptionalLong.empty();
    List<ToolRound> rounds = new ArrayList<>();
    for (int left = hasRounds ? source.readInt() : 0; left > 0; left--) {
      rounds.add(ToolRoundFields.read(source));
    }
    boolean repeated = hasRounds && source.readBoolean();
    Optional<Completion> completion =
        source.readBoolean() ? Optional.of(completions.deserialize(source)) : Optional.empty();
    return new InFlightRequest(
        prompt,
        elementTimestampMs,
        receivedAtMs,
        firstTokenAtMs,
        attempt,
        generations,
        failures,
        cancelled,
        modelSha256,
        completion.isPresent() ? List.of() : samples,
        historyDigest,
        rounds,
        repeated,
        completion);
  }

  private static void writeSample(SampleProgress sample, DataOutputView target) throws IOException {
    target.writeInt(sample.tokens().size());
    for (int i = 0; i < sample.tokens().size(); i++) {
      target.writeInt(sample.tokens().get(i));
    }
    target.writeInt(sample.emittedTokens());
    target.writeBoolean(!sample.logprobs().isEmpty());
    for (TokenLogprob logprob : sample.logprobs()) {
      Logprobs.write(logprob, target);
    }
    ToldTexts.write(sample.told(), target);
    target.writeInt(sample.lastChunkAttempt());
  }

  private static SampleProgress readSample(int layout, DataInputView source) throws IOException {
    int[] tokens = new int[source.readInt()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = source.readInt();
    }
    int emittedTokens = source.readInt();
    List<TokenLogprob> logprobs = new ArrayList<>();
    if (layout > ALL_SAMPLES_LAYOUT && source.readBoolean()) {
      for (int i = 0; i < tokens.length; i++) {
        logprobs.add(Logprobs.read(source));
      }
    }
    List<Resumption.Told> told = layout > RESUMABLE_LAYOUT ? ToldTexts.read(source) : List.of();
    int lastChunkAttempt = layout > NO_ROUNDS_LAYOUT ? source.readInt() : 0;
    return new SampleProgress(TokenIds.of(tokens), emittedTokens, logprobs, told, lastChunkAttempt);
  }

  @Override
  public TypeSerializer<InFlightRequest> duplicate() {
    return new InFlightRequestSerializer(prompts.duplicate(), completions.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InFlightRequestSerializer that
        && prompts.equals(that.prompts)
        && completions.equals(that.completions);
  }

  @Override
  public int hashCode() {
    return 31 * prompts.hashCode() + completions.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<InFlightRequest> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds the Avro schemas that prompts and results were written with. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<InFlightRequest, InFlightRequestSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(InFlightRequestSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(InFlightRequestSerializer serializer) {
      return new TypeSerializer<?>[] {serializer.prompts, serializer.completions};
    }

    @Override
    @SuppressWarnings("unchecked")
    protected InFlightRequestSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new InFlightRequestSerializer(
          (TypeSerializer<PromptRecord>) nested[0], (TypeSerializer<Completion>) nested[1]);
    }
  }
}
