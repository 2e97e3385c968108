package ai.falaj.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Records;
import ai.falaj.schemas.RecordsOfVersion2;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.WireBytes;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.apache.avro.specific.SpecificRecord;

class RecordSerdePropertyTest {

  private static final String TOPIC = "t";

  /** What a record may cost beyond a multiple of its length; far below any length it can claim. */
  private static final long ALLOCATION_LIMIT_BYTES = 4L << 20;

  private static final int ALLOCATION_PER_BYTE = 100;

  private static final List<SpecificRecord> RECORDS =
      List.of(
          RecordsOfVersion2.prompt(),
          RecordsOfVersion2.chunk(),
          RecordsOfVersion2.completion(),
          RecordsOfVersion2.deadLetter());

  /** Schemas never change, so one REGISTRY and one deserializer a class serve all tries. */
  private static final InMemorySchemaRegistry REGISTRY = new InMemorySchemaRegistry();

  private static final Map<Class<?>, RecordDeserializer<?>> DESERIALIZERS = new HashMap<>();

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void readsWhatItWroteOfPrompts(@ForAll @From("prompts") PromptRequest sent) {
    assertThat(roundTrip(PromptRequest.class, sent)).isEqualTo(sent);
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void readsWhatItWroteOfDeadLetters(@ForAll @From("deadLetters") DeadLetter sent) {
    assertThat(roundTrip(DeadLetter.class, sent)).isEqualTo(sent);
  }

  @Property(tries = 20)
  void readsHugeTexts(
      @ForAll @From("text") String piece, @ForAll @IntRange(max = 2_000_000) int length) {
    String text = (piece + "ماء 💧").repeat(1 + length / (piece.length() + 6));
    CompletionChunk sent = Records.chunk();
    sent.setText(text);

    assertThat(roundTrip(CompletionChunk.class, sent).getText()).isEqualTo(text);
  }

  @Property(tries = 2_000)
  void arbitraryBytesAreARecordOrUndecodable(@ForAll byte[] bytes) {
    assertRecordOrUndecodable(ChatMessage.class, bytes, EnumSet.allOf(ErrorCode.class));
  }

  @Property(tries = 2_000)
  void arbitraryBodiesAreARecordOrUndecodable(
      @ForAll byte[] body, @ForAll @IntRange(max = 3) int index) {
    assertRecordOrUndecodable(index, body);
  }

  @Property(tries = 2_000)
  void damagedRecordsAreARecordOrUndecodable(
      @ForAll @IntRange(max = 3) int index,
      @ForAll @IntRange(max = 1_000) int position,
      @ForAll @IntRange(max = 12) int removed,
      @ForAll @From("damage") byte[] inserted) {
    byte[] whole = serialize(RECORDS.get(index));
    byte[] body = Arrays.copyOfRange(whole, WireFormat.HEADER_LENGTH, whole.length);
    int from = position % body.length;
    int to = Math.min(body.length, from + removed);
    byte[] damaged =
        ByteBuffer.allocate(body.length - (to - from) + inserted.length)
            .put(body, 0, from)
            .put(inserted)
            .put(body, to, body.length - to)
            .array();

    assertRecordOrUndecodable(index, damaged);
  }

  @Provide
  Arbitrary<String> text() {
    Arbitrary<String> arabic =
        Arbitraries.strings().withCharRange('\u0600', '\u06ff').ofMaxLength(40);
    Arbitrary<String> emoji =
        Arbitraries.integers()
            .between(0x1F300, 0x1FAFF)
            .map(Character::toString)
            .list()
            .ofMaxSize(10)
            .map(list -> String.join("", list));
    Arbitrary<String> any =
        Arbitraries.integers()
            .between(0, Character.MAX_CODE_POINT)
            .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
            .map(Character::toString)
            .list()
            .ofMaxSize(20)
            .map(list -> String.join("", list));
    return Arbitraries.oneOf(Arbitraries.just(""), arabic, emoji, any);
  }

  /** Long runs of set bits make lengths and counts absurd. */
  @Provide
  Arbitrary<byte[]> damage() {
    Arbitrary<Byte> bytes =
        Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.bytes()),
            Tuple.of(1, Arbitraries.of((byte) -1, (byte) -2, (byte) 0, (byte) 127)));
    return bytes.array(byte[].class).ofMaxSize(12);
  }

  @Provide
  Arbitrary<PromptRequest> prompts() {
    Arbitrary<List<ChatMessage>> messages =
        Combinators.combine(text(), text()).as(ChatMessage::new).list().ofMaxSize(5);
    Arbitrary<SamplingParameters> sampling =
        Combinators.combine(
                Arbitraries.doubles().injectNull(0.3),
                Arbitraries.integers().injectNull(0.3),
                Arbitraries.longs().injectNull(0.3),
                text().list().ofMaxSize(3))
            .as(
                (temperature, maxTokens, seed, stop) ->
                    SamplingParameters.newBuilder()
                        .setTemperature(temperature)
                        .setMaxTokens(maxTokens)
                        .setSeed(seed)
                        .setStop(stop)
                        .build());
    return Combinators.combine(
            text(),
            text().injectNull(0.3),
            messages,
            sampling.injectNull(0.3),
            Arbitraries.integers(),
            instants().injectNull(0.3),
            Arbitraries.maps(text(), text()).ofMaxSize(3),
            instants())
        .as(
            (id, tenant, turns, parameters, priority, deadline, metadata, createdAt) ->
                PromptRequest.newBuilder()
                    .setRequestId(id)
                    .setTenant(tenant)
                    .setMessages(turns)
                    .setSampling(parameters)
                    .setPriority(priority)
                    .setDeadline(deadline)
                    .setMetadata(metadata)
                    .setCreatedAt(createdAt)
                    .build());
  }

  @Provide
  Arbitrary<DeadLetter> deadLetters() {
    Arbitrary<ByteBuffer> bytes =
        Arbitraries.bytes().array(byte[].class).ofMaxSize(100).map(ByteBuffer::wrap);
    return Combinators.combine(
            text().injectNull(0.3),
            bytes.injectNull(0.3),
            bytes.injectNull(0.3),
            Arbitraries.integers(),
            Arbitraries.longs(),
            Arbitraries.of(ErrorCode.class),
            text(),
            instants())
        .as(
            (id, key, value, partition, offset, code, message, failedAt) ->
                DeadLetter.newBuilder()
                    .setRequestId(id)
                    .setKey(key)
                    .setValue(value)
                    .setSourceTopic(TOPIC)
                    .setSourcePartition(partition)
                    .setSourceOffset(offset)
                    .setErrorCode(code)
                    .setMessage(message)
                    .setFailedAt(failedAt)
                    .build());
  }

  private static Arbitrary<Instant> instants() {
    return Arbitraries.longs().map(Instant::ofEpochMilli);
  }

  private <T extends SpecificRecord> T roundTrip(Class<T> type, T record) {
    byte[] bytes = new RecordSerializer<>(type, REGISTRY).serialize(type.getName(), record);
    return new RecordDeserializer<>(type, REGISTRY).deserialize(type.getName(), bytes);
  }

  private <T extends SpecificRecord> byte[] serialize(T record) {
    @SuppressWarnings("unchecked")
    Class<T> type = (Class<T>) record.getClass();
    return new RecordSerializer<>(type, REGISTRY).serialize(type.getName(), record);
  }

  private void assertRecordOrUndecodable(int index, byte[] body) {
    Class<? extends SpecificRecord> type = RECORDS.get(index).getClass();
    int id = REGISTRY.register(Topics.valueSubject(type.getName()), RECORDS.get(index).getSchema());
    byte[] bytes = WireBytes.of(id, encoder -> encoder.writeFixed(body));

    assertRecordOrUndecodable(type, bytes, EnumSet.of(ErrorCode.UNDECODABLE_RECORD));
  }

  private void assertRecordOrUndecodable(
      Class<? extends SpecificRecord> type, byte[] bytes, Set<ErrorCode> expectedCodes) {
    RecordDeserializer<?> deserializer =
        DESERIALIZERS.computeIfAbsent(type, t -> new RecordDeserializer<>(type, REGISTRY));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      assertThat(deserializer.deserialize(TOPIC, bytes)).isInstanceOf(type);
    } catch (UndecodableRecordException e) {
      assertThat(e.errorCode()).isIn(expectedCodes);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(ALLOCATION_LIMIT_BYTES + (long) ALLOCATION_PER_BYTE * bytes.length);
  }
}
