package ai.falaj.operators.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.Prompts;
import ai.falaj.operators.analytics.EventSpec;
import ai.falaj.operators.analytics.LabelField;
import ai.falaj.operators.analytics.Price;
import ai.falaj.operators.analytics.PriceTable;
import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class UsageEventSchemasTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration MAX_AHEAD = Duration.ofMinutes(10);

  private static final EventSpec SPEC =
      new EventSpec(
          new PriceTable(Map.of("k2", new Price(BigDecimal.ONE, BigDecimal.ZERO, BigDecimal.TEN))),
          "prompt-template",
          new LabelField("/category"),
          MAX_AHEAD);

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final Counters counters = new Counters();

  /** Counters by name. */
  private static final class Counters extends UnregisteredMetricsGroup {
    private final Map<String, Counter> byName = new HashMap<>();

    @Override
    public MetricGroup addGroup(String name) {
      return this;
    }

    @Override
    public Counter counter(String name) {
      return byName.computeIfAbsent(name, key -> new SimpleCounter());
    }

    long count(String name) {
      return byName.get(name).getCount();
    }
  }

  private List<UsageEvent> read(UsageEventDeserializationSchema<?> schema, byte[] value) {
    schema.open(new RegistryRetries(wait -> {}), Clock.fixed(NOW, ZoneOffset.UTC), counters);
    List<UsageEvent> events = new ArrayList<>();
    schema.deserialize(new ConsumerRecord<>("t", 0, 0, null, value), new ListCollector<>(events));
    return events;
  }

  @SuppressWarnings("unchecked")
  private <T extends SpecificRecord> byte[] bytes(T record) {
    return new RecordSerializer<>((Class<T>) record.getClass(), registry)
        .serialize("topic of " + record.getClass().getSimpleName(), record);
  }

  private static Completion completion() {
    return Completion.newBuilder()
        .setRequestId("r1")
        .setTenant("acme")
        .setAnswer("{\"category\":\"leak\"}")
        .setFinishReason(FinishReason.LENGTH)
        .setUsage(new Usage(100, 40, 10, 30))
        .setTimings(new Timings(1L, 20L, 300L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("k2")
                .setEngine("e")
                .setEngineVersion("1")
                .setSeed(1)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setMetadata(Map.of("prompt-template", "invoices", "template", "not this"))
        .setCompletedAt(NOW.minusSeconds(5))
        .build();
  }

  @Test
  void readsACompletionWithItsCostAndLabel() {
    assertThat(read(new CompletionUsageSchema(() -> registry, SPEC), bytes(completion())))
        .containsExactly(
            new UsageEvent(
                NOW.minusSeconds(5).toEpochMilli(),
                "acme",
                "k2",
                "invoices",
                new UsageEvent.Answered(
                    100, 40, 10, 30, 20, 300, "LENGTH", true, 60_000 + 300_000, List.of("leak"))));
  }

  @Test
  void aModelWithoutAPriceHasNoCost() {
    Completion completion = completion();
    completion.getProvenance().setModel("other");
    completion.setTenant(null);

    UsageEvent event =
        read(new CompletionUsageSchema(() -> registry, SPEC), bytes(completion)).get(0);

    assertThat(event.tenant()).isEmpty();
    assertThat(((UsageEvent.Answered) event.fact()).priced()).isFalse();
  }

  @Test
  void findsTenantModelAndTemplateOfADeadLetterInItsPrompt() {
    PromptRequest prompt =
        PromptRequest.newBuilder(Prompts.request("r1", "hello"))
            .setTenant("acme")
            .setModel("k2")
            .setMetadata(Map.of("prompt-template", "invoices"))
            .build();

    assertThat(
            read(new DeadLetterUsageSchema(() -> registry, SPEC), bytes(deadLetter(bytes(prompt)))))
        .containsExactly(
            new UsageEvent(
                NOW.toEpochMilli(), "acme", "k2", "invoices", new UsageEvent.Failed("TIMEOUT")));
  }

  @Test
  void countsADeadLetterWhosePromptNobodyCanRead() {
    byte[] bytes = "no avro".getBytes(StandardCharsets.UTF_8);

    UsageEvent event =
        read(new DeadLetterUsageSchema(() -> registry, SPEC), bytes(deadLetter(bytes))).get(0);

    assertThat(event.tenant()).isEmpty();
    assertThat(event.fact()).isEqualTo(new UsageEvent.Failed("TIMEOUT"));
    assertThat(counters.count("analyticsUndecodableRecords")).isZero();
  }

  private static DeadLetter deadLetter(byte[] value) {
    return DeadLetter.newBuilder()
        .setValue(ByteBuffer.wrap(value))
        .setSourceTopic("t")
        .setSourcePartition(0)
        .setSourceOffset(0)
        .setErrorCode(ErrorCode.TIMEOUT)
        .setMessage("m")
        .setFailedAt(NOW)
        .build();
  }

  @Test
  void readsAChunk() {
    CompletionChunk chunk =
        new CompletionChunk("r1", 1, 0, 0, 2, Channel.ANSWER, "سلام", null, NOW, 1, 0);

    assertThat(read(new ChunkUsageSchema(() -> registry, SPEC), bytes(chunk)))
        .containsExactly(
            new UsageEvent(NOW.toEpochMilli(), "", "", "", new UsageEvent.Streamed(2)));
  }

  @Test
  void passesOverBytesThatAreNoRecordAndCountsThem() {
    assertThat(
            read(
                new CompletionUsageSchema(() -> registry, SPEC),
                "no avro".getBytes(StandardCharsets.UTF_8)))
        .isEmpty();
    assertThat(counters.count("analyticsUndecodableRecords")).isEqualTo(1);
  }

  @Test
  void passesOverARecordFromTheFutureAndCountsIt() {
    Completion ahead = completion();
    ahead.setCompletedAt(NOW.plus(MAX_AHEAD));
    assertThat(read(new CompletionUsageSchema(() -> registry, SPEC), bytes(ahead))).hasSize(1);

    ahead.setCompletedAt(NOW.plus(MAX_AHEAD).plusMillis(1));
    assertThat(read(new CompletionUsageSchema(() -> registry, SPEC), bytes(ahead))).isEmpty();
    ahead.setCompletedAt(Instant.ofEpochMilli(Long.MAX_VALUE));
    assertThat(read(new CompletionUsageSchema(() -> registry, SPEC), bytes(ahead))).isEmpty();
    assertThat(counters.count("analyticsRecordsAhead")).isEqualTo(2);
  }

  @Test
  void failsWhenTheRegistryStaysOutOfReach() {
    byte[] bytes = bytes(completion());
    registry.failWith(SchemaRegistryException.Kind.UNREACHABLE);

    assertThatThrownBy(() -> read(new CompletionUsageSchema(() -> registry, SPEC), bytes))
        .isInstanceOf(SchemaRegistryException.class);
  }
}
