package ai.falaj.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.RecordsOfVersion2;
import ai.falaj.schemas.Schemas;
import ai.falaj.schemas.WireBytes;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class RecordSerdeTest {

  private static final String TOPIC = "t";
  private static final String SUBJECT = "t-value";

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final RecordSerializer<ChatMessage> serializer =
      new RecordSerializer<>(ChatMessage.class, registry);
  private final RecordDeserializer<ChatMessage> deserializer =
      new RecordDeserializer<>(ChatMessage.class, registry);

  @Test
  void readsWhatItWroteOfEveryTopic() {
    assertRoundTrip(PromptRequest.class, RecordsOfVersion2.prompt());
    assertRoundTrip(CompletionChunk.class, RecordsOfVersion2.chunk());
    assertRoundTrip(Completion.class, RecordsOfVersion2.completion());
    assertRoundTrip(DeadLetter.class, RecordsOfVersion2.deadLetter());
  }

  @Test
  void startsWithMagicByteAndBigEndianId() {
    byte[] bytes = serializer.serialize(TOPIC, new ChatMessage("user", "hi"));

    assertThat(bytes).containsExactly(0, 0, 0, 0, 1, 8, 'u', 's', 'e', 'r', 4, 'h', 'i', 0, 0);
  }

  @Test
  void leavesTombstonesAlone() {
    assertThat(serializer.serialize(TOPIC, null)).isNull();
    assertThat(deserializer.deserialize(TOPIC, null)).isNull();
    assertThat(registry.calls()).isZero();
  }

  @Test
  void asksTheRegistryOncePerTopicAndPerId() {
    for (int i = 0; i < 3; i++) {
      deserializer.deserialize(TOPIC, serializer.serialize(TOPIC, new ChatMessage("user", "hi")));
    }
    assertThat(registry.calls()).isEqualTo(2);

    serializer.serialize("another", new ChatMessage("user", "hi"));
    assertThat(registry.calls()).isEqualTo(3);
  }

  @Test
  void registersTheSchemaWithoutJavaProperties() {
    serializer.serialize(TOPIC, new ChatMessage("user", "hi"));

    assertThat(registry.schemaById(1).toString()).doesNotContain("avro.java.string");
    assertThat(registry.schemaById(1).getField("role").doc()).isNotEmpty();
  }

  @Test
  void looksTheIdUpWhereItMayNotRegister() {
    RecordSerializer<ChatMessage> strict =
        new RecordSerializer<>(ChatMessage.class, registry, false);
    assertThatThrownBy(() -> strict.serialize(TOPIC, new ChatMessage("user", "hi")))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));

    byte[] registered = serializer.serialize(TOPIC, new ChatMessage("user", "hi"));

    assertThat(strict.serialize(TOPIC, new ChatMessage("user", "hi"))).isEqualTo(registered);
  }

  @Test
  void triesAgainAfterTheRegistryFailed() {
    registry.failWith(Kind.UNREACHABLE);
    assertThatThrownBy(() -> serializer.serialize(TOPIC, new ChatMessage("user", "hi")))
        .isInstanceOf(SchemaRegistryException.class);
    registry.recover();
    byte[] bytes = serializer.serialize(TOPIC, new ChatMessage("user", "hi"));

    registry.failWith(Kind.UNREACHABLE);
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, bytes))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.retryable()).isTrue());
    registry.recover();
    assertThat(deserializer.deserialize(TOPIC, bytes)).isEqualTo(new ChatMessage("user", "hi"));
  }

  @Test
  void passesWrongCredentialsOnAsTheyAre() {
    byte[] bytes = serializer.serialize(TOPIC, new ChatMessage("user", "hi"));
    registry.failWith(Kind.UNAUTHORIZED);

    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, bytes))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.retryable()).isFalse());
  }

  @Test
  void refusesBytesThatAreTooShortOrHaveNoMagicByte() {
    assertUndecodable(new byte[0], ErrorCode.UNDECODABLE_RECORD, "0 bytes");
    assertUndecodable(new byte[] {0, 0, 0, 1}, ErrorCode.UNDECODABLE_RECORD, "4 bytes");
    assertUndecodable(new byte[] {'{', 0, 0, 0, 1, 0}, ErrorCode.UNDECODABLE_RECORD, "byte 123");
    assertThat(registry.calls()).isZero();
  }

  @Test
  void refusesEveryTruncationAndTrailingBytes() {
    byte[] bytes = serializer.serialize(TOPIC, new ChatMessage("user", "hello"));
    for (int length = WireFormat.HEADER_LENGTH; length < bytes.length; length++) {
      assertUndecodable(Arrays.copyOf(bytes, length), ErrorCode.UNDECODABLE_RECORD, "not Avro");
    }
    assertUndecodable(
        Arrays.copyOf(bytes, bytes.length + 1), ErrorCode.UNDECODABLE_RECORD, "longer");
  }

  @Test
  void reportsAnIdTheRegistryDoesNotKnow() {
    assertUndecodable(new byte[] {0, 0, 0, 0, 9, 0}, ErrorCode.UNKNOWN_SCHEMA_ID, "schema 9");
    assertUndecodable(new byte[] {0, -1, 0, 0, 9, 0}, ErrorCode.UNKNOWN_SCHEMA_ID, "schema -");
  }

  @Test
  void reportsASchemaThatCannotBeReadAsOurs() {
    Schema other =
        SchemaBuilder.record("ai.falaj.schemas.ChatMessage")
            .fields()
            .requiredInt("role")
            .endRecord();
    int id = registry.register(SUBJECT, other);

    assertUndecodable(WireBytes.header(id), ErrorCode.INCOMPATIBLE_SCHEMA, "/fields/");
    assertUndecodable(WireBytes.header(id), ErrorCode.INCOMPATIBLE_SCHEMA, "ChatMessage");
    assertThat(registry.calls()).isEqualTo(2);
  }

  @Test
  void refusesAbsurdLengthsWithoutAllocatingThem() {
    int chat = registry.register(SUBJECT, ChatMessage.getClassSchema());
    int prompt = registry.register("p-value", PromptRequest.getClassSchema());
    RecordDeserializer<PromptRequest> prompts =
        new RecordDeserializer<>(PromptRequest.class, registry);
    long[] lengths = {
      1L << 20, 1L << 30, Integer.MAX_VALUE - 8L, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1
    };

    long before = allocatedBytes();
    for (long length : lengths) {
      assertUndecodable(
          WireBytes.of(chat, e -> e.writeLong(length)), ErrorCode.UNDECODABLE_RECORD, "not Avro");
      byte[] manyMessages =
          WireBytes.of(
              prompt,
              e -> {
                e.writeString("id");
                e.writeIndex(0);
                e.writeIndex(0);
                e.writeLong(length);
              });
      assertThatThrownBy(() -> prompts.deserialize(TOPIC, manyMessages))
          .isInstanceOf(UndecodableRecordException.class);
    }
    assertThat(allocatedBytes() - before).isLessThan(64L << 20);
  }

  @Test
  void readsRecordsOfANewerSchema() {
    Schema newer =
        Schemas.withField(
            ChatMessage.getClassSchema(),
            "{\"name\":\"name\",\"type\":[\"null\",\"string\"],\"default\":null}");
    GenericRecord written =
        new GenericRecordBuilder(newer)
            .set("name", "n")
            .set("role", "user")
            .set("content", "مرحبا 👋")
            .build();
    int id = registry.register(SUBJECT, newer);

    assertThat(deserializer.deserialize(TOPIC, WireBytes.of(id, written)))
        .isEqualTo(new ChatMessage("user", "مرحبا 👋"));
  }

  @Test
  void readsAnEnumSymbolOfTheFutureAsUnknown() {
    Schema newer = Schemas.withSymbol(DeadLetter.getClassSchema(), "ErrorCode", "FROM_THE_FUTURE");
    int id = registry.register(SUBJECT, newer);
    GenericRecord written =
        new GenericRecordBuilder(newer)
            .set("source_topic", "t")
            .set("source_partition", 0)
            .set("source_offset", 0L)
            .set(
                "error_code",
                new GenericData.EnumSymbol(
                    newer.getField("error_code").schema(), "FROM_THE_FUTURE"))
            .set("message", "m")
            .set("failed_at", 0L)
            .build();

    DeadLetter read =
        new RecordDeserializer<>(DeadLetter.class, registry)
            .deserialize(TOPIC, WireBytes.of(id, written));

    assertThat(read.getErrorCode()).isEqualTo(ErrorCode.UNKNOWN);
  }

  @Test
  void survivesNestingThatOverflowsTheStack() {
    Schema deep =
        new Schema.Parser()
            .parse(
                """
                {"type":"record","name":"ChatMessage","namespace":"ai.falaj.schemas","fields":[
                  {"name":"role","type":"string"},{"name":"content","type":"string"},
                  {"name":"next","type":["null",{"type":"record","name":"Node","fields":[
                     {"name":"next","type":["null","Node"]}]}]}]}""");
    int id = registry.register(SUBJECT, deep);
    byte[] bytes =
        WireBytes.of(
            id,
            e -> {
              e.writeString("user");
              e.writeString("hi");
              for (int i = 0; i < 1_000_000; i++) {
                e.writeIndex(1);
              }
              e.writeIndex(0);
            });

    assertUndecodable(bytes, ErrorCode.UNDECODABLE_RECORD, "StackOverflowError");
  }

  @Test
  void namesTheMissingFieldButNoContent() {
    ChatMessage incomplete = new ChatMessage("a secret", null);

    assertThatThrownBy(() -> serializer.serialize(TOPIC, incomplete))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("content")
        .hasMessageNotContaining("secret");
    assertThat(serializer.serialize(TOPIC, new ChatMessage("user", "hi"))).hasSize(15);
  }

  @Test
  void writesFromManyThreadsAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> tasks =
          IntStream.range(0, 2_000)
              .mapToObj(
                  i ->
                      (Callable<Boolean>)
                          () -> {
                            ChatMessage sent = new ChatMessage("user", "x".repeat(i));
                            byte[] bytes = serializer.serialize(TOPIC, sent);
                            return deserializer.deserialize(TOPIC, bytes).equals(sent);
                          })
              .toList();
      for (Future<Boolean> same : threads.invokeAll(tasks)) {
        assertThat(same.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void refusesToHandleKeys() {
    Map<String, String> configs = Map.of("schema.registry.url", "http://localhost:1");

    assertThatThrownBy(() -> new RecordSerializer<ChatMessage>().configure(configs, true))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("StringSerializer");
    assertThatThrownBy(() -> new RecordDeserializer<ChatMessage>().configure(configs, true))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("StringDeserializer");
  }

  @Test
  void refusesAConfigurationWithoutRecordClassOrUrl() {
    String url = "schema.registry.url";
    String type = RecordDeserializer.RECORD_CLASS;

    assertConfigurationFails(Map.of(url, "http://localhost:1"), type + " is not set");
    assertConfigurationFails(Map.of(url, "http://localhost:1", type, "no.Such"), "no.Such");
    assertConfigurationFails(
        Map.of(url, "http://localhost:1", type, "java.lang.String"), "java.lang.String");
    assertConfigurationFails(Map.of(type, ChatMessage.class), url);
    assertThatThrownBy(
            () ->
                new RecordSerializer<ChatMessage>()
                    .configure(Map.of("auto.register.schemas", "yes"), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("true or false");
  }

  private static void assertConfigurationFails(Map<String, ?> configs, String message) {
    assertThatThrownBy(() -> new RecordDeserializer<ChatMessage>().configure(configs, false))
        .hasMessageContaining(message);
  }

  private <T extends SpecificRecord> void assertRoundTrip(Class<T> type, T record) {
    byte[] bytes = new RecordSerializer<>(type, registry).serialize(type.getName(), record);

    assertThat(new RecordDeserializer<>(type, registry).deserialize(type.getName(), bytes))
        .isEqualTo(record);
  }

  private void assertUndecodable(byte[] bytes, ErrorCode code, String message) {
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, bytes))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class,
            e -> {
              assertThat(e.errorCode()).isEqualTo(code);
              assertThat(e.getStackTrace()).isEmpty();
            })
        .hasMessageContaining(TOPIC)
        .hasMessageContaining(message);
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
