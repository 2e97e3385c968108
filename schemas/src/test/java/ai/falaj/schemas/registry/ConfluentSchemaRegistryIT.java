package ai.falaj.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Records;
import ai.falaj.schemas.Schemas;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.WireBytes;
import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Serializers, deserializers and Confluent's client against a real registry. */
class ConfluentSchemaRegistryIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path workDir;
  private static RegistryServer server;

  /** Each test has a subject of its own. */
  private final String topic = "t-" + UUID.randomUUID();

  private final String subject = Topics.valueSubject(topic);
  private ConfluentSchemaRegistry registry;

  @BeforeAll
  static void startServer() throws Exception {
    server = new RegistryServer(workDir);
    server.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() {
    registry = new ConfluentSchemaRegistry(RegistryConfig.of(server.url()));
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void readsWhatItWroteOfEveryTopic() {
    assertRoundTrip(Topics.PROMPTS, PromptRequest.class, Records.prompt());
    assertRoundTrip(Topics.CHUNKS, CompletionChunk.class, Records.chunk());
    assertRoundTrip(Topics.COMPLETIONS, Completion.class, Records.completion());
    assertRoundTrip(Topics.DEAD_LETTERS, DeadLetter.class, Records.deadLetter());
  }

  @Test
  void worksTheWayKafkaClientsConfigureIt() {
    Map<String, Object> configs =
        Map.of(
            "bootstrap.servers",
            "localhost:1",
            RegistryConfig.URL,
            server.url(),
            RecordDeserializer.RECORD_CLASS,
            Completion.class.getName());
    try (RecordSerializer<Completion> serializer = new RecordSerializer<>();
        RecordDeserializer<Completion> deserializer = new RecordDeserializer<>()) {
      serializer.configure(configs, false);
      deserializer.configure(configs, false);

      byte[] bytes = serializer.serialize(topic, Records.completion());

      assertThat(deserializer.deserialize(topic, bytes)).isEqualTo(Records.completion());
    }
  }

  @Test
  void writesBytesThatPlainAvroReadsWithTheSchemaFetchedOverHttp() throws Exception {
    byte[] bytes = serializer(PromptRequest.class).serialize(topic, Records.prompt());

    ByteBuffer header = ByteBuffer.wrap(bytes);
    assertThat(header.get()).isZero();
    String answer = server.get("/schemas/ids/" + header.getInt());
    Schema schema = new Schema.Parser().parse(JSON.readTree(answer).get("schema").asText());
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(schema)
            .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));

    assertThat(schema.toString()).doesNotContain("avro.java.string");
    assertThat(read.get("request_id")).hasToString("request-1");
    assertThat(read.get("messages"))
        .hasToString(
            "[{\"role\": \"system\", \"content\": \"Answer in Arabic.\","
                + " \"tool_calls\": [], \"tool_call_id\": null},"
                + " {\"role\": \"user\", \"content\": \"ما هو الفلج؟ 💧\","
                + " \"tool_calls\": [], \"tool_call_id\": null}]");
    assertThat(read.get("created_at")).isEqualTo(Records.NOON.toEpochMilli());
    assertThat(((GenericRecord) read.get("sampling")).get("temperature")).isEqualTo(0.7);
  }

  @Test
  void findsTheSameIdForTheSameSchema() {
    int id = registry.register(subject, ChatMessage.getClassSchema());

    assertThat(registry.register(subject, ChatMessage.getClassSchema())).isEqualTo(id);
    assertThat(registry.schemaId(subject, ChatMessage.getClassSchema())).isEqualTo(id);
    assertThat(registry.schemaById(id)).isEqualTo(ChatMessage.getClassSchema());
    try (SchemaRegistry other = new ConfluentSchemaRegistry(RegistryConfig.of(server.url()))) {
      assertThat(other.register(subject, ChatMessage.getClassSchema())).isEqualTo(id);
    }
  }

  @Test
  void doesNotFindASchemaThatTheSubjectDoesNotHold() {
    assertFails(Kind.NOT_FOUND, () -> registry.schemaId(subject, ChatMessage.getClassSchema()));
    registry.register(subject, ChatMessage.getClassSchema());
    assertFails(Kind.NOT_FOUND, () -> registry.schemaId(subject, PromptRequest.getClassSchema()));
  }

  @Test
  void makesANewSubjectBackwardCompatibleAndKeepsWhatAnOldOneHas() throws Exception {
    registry.register(subject, ChatMessage.getClassSchema());
    assertThat(server.get("/config/" + subject)).contains("\"BACKWARD\"");

    server.send("PUT", "/config/" + subject, "{\"compatibility\":\"NONE\"}");
    registry.register(subject, Schemas.withoutField(ChatMessage.getClassSchema(), "content"));
    assertThat(server.get("/config/" + subject)).contains("\"NONE\"");
  }

  @Test
  void refusesAnIncompatibleSchemaAndSaysWhy() {
    registry.register(subject, ChatMessage.getClassSchema());
    Schema incompatible =
        Schemas.withField(
            ChatMessage.getClassSchema(), "{\"name\":\"without_default\",\"type\":\"int\"}");

    assertFails(Kind.INCOMPATIBLE, () -> registry.register(subject, incompatible))
        .hasMessageContaining(subject)
        .hasMessageContaining("409")
        .hasMessageContaining("without_default")
        .hasMessageContaining("default");
  }

  @Test
  void readsRecordsOfAnOlderSchema() {
    Schema older = Schemas.withoutField(DeadLetter.getClassSchema(), "request_id");
    int id = registry.register(subject, older);
    registry.register(subject, DeadLetter.getClassSchema());
    GenericRecord written =
        new GenericRecordBuilder(older)
            .set("source_topic", "t")
            .set("source_partition", 1)
            .set("source_offset", 2L)
            .set(
                "error_code",
                new GenericData.EnumSymbol(older.getField("error_code").schema(), "EMPTY_PROMPT"))
            .set("message", "m")
            .set("failed_at", Records.NOON.toEpochMilli())
            .build();

    DeadLetter read = deserializer(DeadLetter.class).deserialize(topic, WireBytes.of(id, written));

    assertThat(read.getRequestId()).isNull();
    assertThat(read.getErrorCode()).isEqualTo(ErrorCode.EMPTY_PROMPT);
    assertThat(read.getFailedAt()).isEqualTo(Records.NOON);
  }

  @Test
  void readsRecordsOfANewerSchema() {
    Schema newer =
        Schemas.withField(
            ChatMessage.getClassSchema(),
            "{\"name\":\"name\",\"type\":[\"null\",\"string\"],\"default\":null}");
    registry.register(subject, ChatMessage.getClassSchema());
    int id = registry.register(subject, newer);
    GenericRecord written =
        new GenericRecordBuilder(newer)
            .set("name", "n")
            .set("role", "user")
            .set("content", "hi")
            .build();

    assertThat(deserializer(ChatMessage.class).deserialize(topic, WireBytes.of(id, written)))
        .isEqualTo(new ChatMessage("user", "hi"));
  }

  @Test
  void reportsASchemaThatCannotBeReadAsOurs() {
    Schema other = Schemas.withoutField(ChatMessage.getClassSchema(), "content");
    int id = registry.register(subject, other);

    assertUndecodable(ErrorCode.INCOMPATIBLE_SCHEMA, WireBytes.header(id));
  }

  @Test
  void readsASchemaThatRefersToAnother() throws Exception {
    Schema inner = SchemaBuilder.record("Inner").fields().endRecord();
    registry.register("inner-" + subject, inner);
    String outer =
        """
        {"type":"record","name":"Outer","fields":[{"name":"i","type":"Inner"}]}""";
    ObjectNode request = JSON.createObjectNode().put("schema", outer);
    request
        .putArray("references")
        .addObject()
        .put("name", "Inner")
        .put("subject", "inner-" + subject)
        .put("version", 1);
    String answer = server.send("POST", "/subjects/" + subject + "/versions", request.toString());

    Schema read = registry.schemaById(JSON.readTree(answer).get("id").asInt());

    assertThat(read.getField("i").schema()).isEqualTo(inner);
  }

  @Test
  void reportsAnUnknownIdButFindsItOnceItIsRegistered() throws Exception {
    int next = registry.register(subject, uniqueSchema()) + 1;
    assertUndecodable(ErrorCode.UNKNOWN_SCHEMA_ID, WireBytes.header(next));

    Schema late = uniqueSchema();
    assertThat(registry.register(subject + "-late", late)).isEqualTo(next);
    Thread.sleep(ConfluentSchemaRegistry.UNKNOWN_ID_TTL.toMillis() + 50);

    assertThat(registry.schemaById(next)).isEqualTo(late);
  }

  @Test
  void losesNothingWhileTheRegistryIsDown() throws Exception {
    RecordSerializer<ChatMessage> serializer = serializer(ChatMessage.class);
    RecordDeserializer<ChatMessage> warm = deserializer(ChatMessage.class);
    ChatMessage sent = new ChatMessage("user", "hi");
    byte[] bytes = serializer.serialize(topic, sent);
    assertThat(warm.deserialize(topic, bytes)).isEqualTo(sent);
    server.stop();
    try (SchemaRegistry other = new ConfluentSchemaRegistry(RegistryConfig.of(server.url()))) {
      RecordDeserializer<ChatMessage> cold = new RecordDeserializer<>(ChatMessage.class, other);

      // Known schemas need no registry.
      assertThat(warm.deserialize(topic, serializer.serialize(topic, sent))).isEqualTo(sent);
      // Unknown ones do: the failure says "later", not "bad record".
      assertFails(Kind.UNREACHABLE, () -> cold.deserialize(topic, bytes))
          .hasMessageContaining(server.url())
          .isInstanceOfSatisfying(
              SchemaRegistryException.class, e -> assertThat(e.retryable()).isTrue());
      assertFails(Kind.UNREACHABLE, () -> serializer.serialize(topic + "-new", sent));

      server.start();
      other.register(subject, ChatMessage.getClassSchema());
      byte[] later = serializer.serialize(topic + "-new", sent);
      assertThat(cold.deserialize(topic, later)).isEqualTo(sent);
    }
  }

  private <T extends SpecificRecord> void assertRoundTrip(String name, Class<T> type, T record) {
    byte[] bytes = serializer(type).serialize(name, record);

    assertThat(deserializer(type).deserialize(name, bytes)).isEqualTo(record);
  }

  private void assertUndecodable(ErrorCode code, byte[] bytes) {
    assertThatThrownBy(() -> deserializer(ChatMessage.class).deserialize(topic, bytes))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class, e -> assertThat(e.errorCode()).isEqualTo(code));
  }

  private static Schema uniqueSchema() {
    return SchemaBuilder.record("S" + UUID.randomUUID().toString().replace('-', '_'))
        .fields()
        .endRecord();
  }

  private static AbstractThrowableAssert<?, ?> assertFails(Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private <T extends SpecificRecord> RecordSerializer<T> serializer(Class<T> type) {
    return new RecordSerializer<>(type, registry);
  }

  private <T extends SpecificRecord> RecordDeserializer<T> deserializer(Class<T> type) {
    return new RecordDeserializer<>(type, registry);
  }
}
