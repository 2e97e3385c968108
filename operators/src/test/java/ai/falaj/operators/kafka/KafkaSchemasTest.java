package ai.falaj.operators.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.RetryHeader;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.function.ThrowingRunnable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class KafkaSchemasTest {

  private static final String TOPIC = "falaj.prompts";

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final List<Duration> waits = new ArrayList<>();
  private final List<Runnable> onWait = new ArrayList<>();

  private final RegistryRetries retries =
      new RegistryRetries(
          wait -> {
            waits.add(wait);
            onWait.forEach(Runnable::run);
          });

  private PromptRecord read(ConsumerRecord<byte[], byte[]> record) {
    PromptRecordDeserializationSchema schema =
        new PromptRecordDeserializationSchema(() -> registry);
    schema.open(retries);
    List<PromptRecord> out = new ArrayList<>();
    schema.deserialize(record, new ListCollector<>(out));
    assertThat(out).hasSize(1);
    return out.get(0);
  }

  private static ConsumerRecord<byte[], byte[]> record(String key, byte[] value) {
    return new ConsumerRecord<>(
        TOPIC, 2, 17, key == null ? null : key.getBytes(StandardCharsets.UTF_8), value);
  }

  private byte[] prompt() {
    return new RecordSerializer<>(PromptRequest.class, registry)
        .serialize(TOPIC, Prompts.request("r1", "hello"));
  }

  @Test
  void readsAPromptWithItsOriginKeyBytesAndTrace() {
    byte[] value = prompt();
    ConsumerRecord<byte[], byte[]> record = record("key", value);
    record.headers().add("traceparent", Prompts.TRACEPARENT.getBytes(StandardCharsets.US_ASCII));
    PromptRecord prompt = read(record);

    assertThat(prompt.origin()).isEqualTo(new RecordOrigin(TOPIC, 2, 17));
    assertThat(Prompts.text(prompt.key().orElseThrow())).isEqualTo("key");
    assertThat(prompt.value().orElseThrow().remaining()).isEqualTo(value.length);
    assertThat(prompt.traceparent()).contains(Prompts.TRACEPARENT);
    assertThat(prompt.retries()).isZero();
    assertThat(prompt.content())
        .isEqualTo(new PromptRecord.Request(Prompts.request("r1", "hello")));
  }

  @Test
  void readsHowOftenAPromptHasBeenSentAgain() {
    ConsumerRecord<byte[], byte[]> record = record("key", prompt());
    RetryHeader.write(2, record.headers());

    assertThat(read(record).retries()).isEqualTo(2);
  }

  @Test
  void aRecordWithoutAValueIsACancellation() {
    assertThat(read(record("key", null)).content())
        .isEqualTo(PromptRecord.Cancellation.OF_PARTITION);
  }

  @Test
  void bytesThatAreNoAvroAreUndecodable() {
    PromptRecord prompt = read(record(null, "hello".getBytes(StandardCharsets.UTF_8)));

    assertThat(prompt.key()).isEmpty();
    assertThat(prompt.content())
        .isInstanceOfSatisfying(
            PromptRecord.Undecodable.class,
            undecodable -> {
              assertThat(undecodable.code()).isEqualTo(ErrorCode.UNDECODABLE_RECORD);
              assertThat(undecodable.message()).isNotBlank().doesNotContain("hello");
            });
  }

  @Test
  void anUnknownSchemaIdIsUndecodable() {
    byte[] value = prompt();
    value[4] = 77;
    assertThat(read(record("key", value)).content())
        .isInstanceOfSatisfying(
            PromptRecord.Undecodable.class,
            undecodable -> assertThat(undecodable.code()).isEqualTo(ErrorCode.UNKNOWN_SCHEMA_ID));
    assertThat(waits).as("waits for an id that nobody knows").isEmpty();
  }

  @Test
  void aShortOutageOfTheRegistryIsBridged() {
    byte[] value = prompt();
    registry.failWith(Kind.UNREACHABLE);
    onWait.add(
        () -> {
          if (waits.size() == 2) {
            registry.recover();
          }
        });

    assertThat(read(record("key", value)).content()).isInstanceOf(PromptRecord.Request.class);
    assertThat(waits).containsExactly(Duration.ofMillis(100), Duration.ofMillis(400));
  }

  @Test
  void aLongOutageOfTheRegistryFailsTheJobInsteadOfLosingThePrompt() {
    byte[] value = prompt();
    registry.failWith(Kind.UNREACHABLE);

    assertThatThrownBy(() -> read(record("key", value)))
        .isInstanceOf(SchemaRegistryException.class);
    assertThat(waits).isEqualTo(RegistryRetries.BACKOFFS);
  }

  @Test
  void wrongCredentialsFailTheJobAtOnce() {
    byte[] value = prompt();
    registry.failWith(Kind.UNAUTHORIZED);

    assertThatThrownBy(() -> read(record("key", value)))
        .isInstanceOf(SchemaRegistryException.class);
    assertThat(waits).isEmpty();
  }

  @Test
  void anInterruptedWaitEndsAtOnceAndStaysInterrupted() {
    RegistryRetries interrupted =
        new RegistryRetries(
            wait -> {
              throw new InterruptedException();
            });
    SchemaRegistryException outage = new SchemaRegistryException(Kind.UNREACHABLE, "down");

    assertThatThrownBy(
            () ->
                interrupted.call(
                    () -> {
                      throw outage;
                    }))
        .isSameAs(outage);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void writesKeyValueTraceAndTimestamp() {
    OutputRecordSerializationSchema<DeadLetter> schema =
        new OutputRecordSerializationSchema<>(
            "falaj.dead-letters", DeadLetter.class, () -> registry, true);
    schema.open(retries);
    DeadLetter letter = deadLetter();
    ProducerRecord<byte[], byte[]> written =
        schema.serialize(
            new OutputRecord<>(Optional.of("r1"), letter, Optional.of(Prompts.TRACEPARENT)),
            null,
            5L);

    assertThat(written.topic()).isEqualTo("falaj.dead-letters");
    assertThat(written.partition()).isNull();
    assertThat(written.key()).isEqualTo("r1".getBytes(StandardCharsets.UTF_8));
    assertThat(written.timestamp()).isEqualTo(5);
    assertThat(written.headers().lastHeader("traceparent").value())
        .isEqualTo(Prompts.TRACEPARENT.getBytes(StandardCharsets.US_ASCII));
    assertThat(
            new RecordDeserializer<>(DeadLetter.class, registry)
                .deserialize("falaj.dead-letters", written.value()))
        .isEqualTo(letter);
  }

  @Test
  void writesWhatHasNeitherKeyNorTraceNorTimestamp() {
    OutputRecordSerializationSchema<DeadLetter> schema =
        new OutputRecordSerializationSchema<>("d", DeadLetter.class, () -> registry, true);
    schema.open(retries);
    OutputRecord<DeadLetter> record =
        new OutputRecord<>(Optional.empty(), deadLetter(), Optional.empty());

    for (Long noTimestamp : new Long[] {null, Long.MIN_VALUE}) {
      ProducerRecord<byte[], byte[]> written = schema.serialize(record, null, noTimestamp);
      assertThat(written.key()).isNull();
      assertThat(written.headers()).isEmpty();
      assertThat(written.timestamp()).isNull();
    }
  }

  @Test
  void failsRatherThanWriteWhenTheRegistryStaysDown() {
    OutputRecordSerializationSchema<DeadLetter> schema =
        new OutputRecordSerializationSchema<>("d", DeadLetter.class, () -> registry, true);
    schema.open(retries);
    registry.failWith(Kind.UNREACHABLE);
    ThrowingRunnable<Exception> write =
        () ->
            schema.serialize(
                new OutputRecord<>(Optional.empty(), deadLetter(), Optional.empty()), null, null);

    assertThatThrownBy(write::run).isInstanceOf(SchemaRegistryException.class);
    assertThat(waits).isEqualTo(RegistryRetries.BACKOFFS);
  }

  @Test
  void travelInJobGraphs() throws Exception {
    RegistryAccess access = RegistryAccess.of(RegistryConfig.of("http://localhost:1"));
    PromptRecordDeserializationSchema source =
        InstantiationUtil.clone(new PromptRecordDeserializationSchema(access));
    OutputRecordSerializationSchema<DeadLetter> sink =
        InstantiationUtil.clone(
            new OutputRecordSerializationSchema<>("d", DeadLetter.class, access, true));

    source.open(retries);
    sink.open(retries);
    assertThat(source.getProducedType()).isEqualTo(InferenceOutputs.PROMPT_TYPE);
  }

  private static DeadLetter deadLetter() {
    return DeadLetter.newBuilder()
        .setRequestId("r1")
        .setSourceTopic("t")
        .setSourcePartition(0)
        .setSourceOffset(1)
        .setErrorCode(ErrorCode.EMPTY_PROMPT)
        .setMessage("nothing")
        .setFailedAt(Instant.ofEpochMilli(3))
        .build();
  }
}
