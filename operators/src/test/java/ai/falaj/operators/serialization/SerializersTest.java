package ai.falaj.operators.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.Conversation;
import ai.falaj.operators.InFlightRequest;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.SampleProgress;
import ai.falaj.operators.ToolResult;
import ai.falaj.operators.ToolRound;
import ai.falaj.operators.reasoning.ReasoningOutputs;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.ToolCall;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.ToolOutcome;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SerializersTest {

  static Stream<PromptRecord> prompts() {
    return Stream.of(
        Prompts.record("r1", "hello, سلام 😀"),
        Prompts.record("long", "x".repeat(200_000)),
        Prompts.undecodable(ErrorCode.UNKNOWN_SCHEMA_ID, "schema 77 is unknown"),
        Prompts.cancellation("key"),
        Prompts.toolAnswer("key", "r1", "r1/1/0-0a1b2c3d", "1.4 م"),
        Prompts.cancellation("key", 3, new PromptRecord.Cancellation(OptionalInt.of(0))),
        new PromptRecord(
            Prompts.record("r1", "a").origin(),
            -1,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            3,
            PromptRecord.Cancellation.OF_PARTITION));
  }

  @ParameterizedTest
  @MethodSource("prompts")
  void promptsComeBackAsTheyWere(PromptRecord prompt) throws Exception {
    assertThat(roundTrip(new PromptRecordSerializer(), prompt)).isEqualTo(prompt);
  }

  @Test
  void readsPromptsOfTheLayoutThatKnewNoRetries() throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    out.writeByte(1);
    Fields.writeText("falaj.prompts", out);
    out.writeInt(3);
    out.writeLong(42);
    out.writeLong(7);
    Fields.writeOptionalBytes(Optional.of(Prompts.bytes("key")), out);
    Fields.writeOptionalBytes(Optional.empty(), out);
    Fields.writeOptionalText(Optional.empty(), out);
    out.writeByte(2);

    assertThat(
            new PromptRecordSerializer()
                .deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
        .isEqualTo(
            new PromptRecord(
                new RecordOrigin("falaj.prompts", 3, 42),
                7,
                Optional.of(Prompts.bytes("key")),
                Optional.empty(),
                Optional.empty(),
                0,
                PromptRecord.Cancellation.OF_PARTITION));
  }

  @Test
  void outputsComeBackAsTheyWere() throws Exception {
    OutputRecord<CompletionChunk> chunk =
        new OutputRecord<>(Optional.of("r1"), chunk(), Optional.of(Prompts.TRACEPARENT));
    TypeSerializer<OutputRecord<CompletionChunk>> serializer =
        InferenceOutputs.CHUNKS.getTypeInfo().createSerializer(new SerializerConfigImpl());

    assertThat(roundTrip(serializer, chunk)).isEqualTo(chunk);
    OutputRecord<CompletionChunk> bare =
        new OutputRecord<>(Optional.empty(), chunk(), Optional.empty());
    assertThat(roundTrip(serializer, bare)).isEqualTo(bare);
  }

  @Test
  void requestsInFlightComeBackAsTheyWere() throws Exception {
    InFlightRequest request =
        new InFlightRequest(
            Prompts.record("r1", "hello"),
            OptionalLong.of(5),
            6,
            OptionalLong.of(9),
            2,
            3,
            1,
            true,
            Optional.of("ab".repeat(32)),
            List.of(
                new SampleProgress(TokenIds.of(7, 8, 9), 2, List.of()),
                SampleProgress.NOTHING,
                new SampleProgress(
                    TokenIds.of(TokenIds.UNKNOWN, TokenIds.UNKNOWN),
                    1,
                    List.of(),
                    List.of(
                        new Resumption.Told(
                            1,
                            List.of(
                                new TextSegment(ai.falaj.runtime.Channel.REASONING, "Hm"),
                                new TextSegment(ai.falaj.runtime.Channel.ANSWER, "فلج"))),
                        new Resumption.Told(1, List.of())),
                    2),
                new SampleProgress(
                    TokenIds.of(7),
                    1,
                    List.of(
                        new TokenLogprob(
                            7,
                            "seven",
                            -0.5f,
                            List.of(new TokenLogprob.Alternative(8, "acht \uFFFD", -1.5f)))))),
            OptionalLong.of(-77),
            List.of(
                new ToolRound(
                    "let me see",
                    new GenerationResult.Usage(9, 1, 2, 5),
                    List.of(
                        new ToolRound.Call(
                            "r1/1/0-0a1b2c3d",
                            new ToolCall("call_0", "water_level", "{\"canal\":\"الداودي\"}"),
                            Optional.of(new ToolResult("1.4", ToolOutcome.ANSWERED))))),
                new ToolRound(
                    "",
                    new GenerationResult.Usage(19, 10, 0, 5),
                    List.of(
                        new ToolRound.Call(
                            "r1/2/0-0a1b2c3d",
                            new ToolCall("call_1", "made up", "no json"),
                            Optional.of(new ToolResult("error", ToolOutcome.UNKNOWN_TOOL))),
                        new ToolRound.Call(
                            "r1/2/1-0a1b2c3d",
                            new ToolCall("call_2", "water_level", "{}"),
                            Optional.empty())))),
            true,
            Optional.empty());
    assertThat(roundTrip(new InFlightRequestSerializer(), request)).isEqualTo(request);
  }

  @Test
  void aPromptComesBackWithItsShadows() throws Exception {
    PromptRecord prompt =
        Prompts.record("r1", "hello")
            .withContent(
                new PromptRecord.Request(Prompts.request("r1", "hello"), List.of("big", "قناة")));
    assertThat(roundTrip(new PromptRecordSerializer(), prompt)).isEqualTo(prompt);
  }

  @Test
  void conversationsComeBackAsTheyWere() throws Exception {
    Conversation conversation =
        new Conversation(
            List.of(new ChatMessage("system", "be brief")),
            List.of(
                new Conversation.Turn(
                    List.of(
                        new ChatMessage("user", "ما هو الفلج؟"),
                        new ChatMessage("assistant", "a channel"))),
                new Conversation.Turn(List.of())),
            1);
    assertThat(roundTrip(new ConversationSerializer(), conversation)).isEqualTo(conversation);
  }

  @Test
  void copiesAreTheValueItself() {
    PromptRecord prompt = Prompts.record("r1", "hello");
    assertThat(new PromptRecordSerializer().copy(prompt)).isSameAs(prompt);
  }

  @Test
  void aLayoutOfANewerReleaseIsRefusedWithBothVersions() throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(16);
    new PromptRecordSerializer().serialize(Prompts.cancellation("key"), out);
    byte[] bytes = out.getCopyOfBuffer();
    bytes[0] = 9;

    assertThatThrownBy(
            () -> new PromptRecordSerializer().deserialize(new DataInputDeserializer(bytes)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1 to 5")
        .hasMessageContaining("9");
  }

  @Test
  void aSnapshotRestoresASerializerThatReadsTheSameBytes() throws Exception {
    InFlightRequestSerializer serializer = new InFlightRequestSerializer();
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    TypeSerializerSnapshot<InFlightRequest> read =
        TypeSerializerSnapshot.readVersionedSnapshot(
            new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());

    assertThat(read.restoreSerializer()).isEqualTo(serializer);
    assertThat(
            new InFlightRequestSerializer()
                .snapshotConfiguration()
                .resolveSchemaCompatibility(read)
                .isCompatibleAsIs())
        .isTrue();
  }

  @Test
  void noTypeFallsBackToKryo() {
    SerializerConfigImpl noKryo =
        new SerializerConfigImpl(new Configuration().set(PipelineOptions.GENERIC_TYPES, false));
    for (TypeInformation<?> type :
        new TypeInformation<?>[] {
          InferenceOutputs.PROMPT_TYPE,
          InferenceOutputs.COMPLETION_TYPE,
          InferenceOutputs.CHUNKS.getTypeInfo(),
          InferenceOutputs.DEAD_LETTERS.getTypeInfo(),
          ReasoningOutputs.PROBLEM_TYPE,
          ReasoningOutputs.RESULT_TYPE,
          ReasoningOutputs.TRACES.getTypeInfo()
        }) {
      assertThat(type.createSerializer(noKryo).getClass().getPackageName())
          .isEqualTo("ai.falaj.operators.serialization");
    }
  }

  @Test
  void typesOfDifferentOutputsDiffer() throws Exception {
    assertThat(InferenceOutputs.CHUNKS.getTypeInfo())
        .isNotEqualTo(InferenceOutputs.DEAD_LETTERS.getTypeInfo())
        .isEqualTo(InstantiationUtil.clone(InferenceOutputs.CHUNKS.getTypeInfo()));
  }

  private static <T> T roundTrip(TypeSerializer<T> serializer, T value) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(16);
    serializer.serialize(value, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    T back = serializer.duplicate().deserialize(in);
    assertThat(in.available()).as("bytes left").isZero();
    return back;
  }

  private static CompletionChunk chunk() {
    return new CompletionChunk(
        "r1", 1, 0, 0, 2, Channel.ANSWER, "سلام", null, Instant.ofEpochMilli(4), 1, 0);
  }
}
