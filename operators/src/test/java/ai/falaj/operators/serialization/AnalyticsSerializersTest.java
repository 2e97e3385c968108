package ai.falaj.operators.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.analytics.Cell;
import ai.falaj.operators.analytics.GroupedPartial;
import ai.falaj.operators.analytics.LabelHistory;
import ai.falaj.operators.analytics.LatencySketch;
import ai.falaj.operators.analytics.Spending;
import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.operators.analytics.UsagePartial;
import ai.falaj.operators.analytics.UsageTotals;
import ai.falaj.operators.analytics.WindowTotals;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AnalyticsSerializersTest {

  /** A sketch of 40 and 1000 milliseconds, as this release writes it. */
  private static final String SKETCH_BYTES = "0ec2f1e7e9ed51f03f00000000000000000502f40202c40202";

  private static UsageTotals totals() throws IOException {
    LatencySketch sketch = LatencySketch.ofBytes(HexFormat.of().parseHex(SKETCH_BYTES));
    return new UsageTotals(
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        sketch,
        sketch,
        Map.of("STOP", 1L, "LENGTH", 2L),
        Map.of("TIMEOUT", 2L),
        9,
        1L << 40,
        Map.of("تسرب", 3L));
  }

  static Stream<Arguments> values() throws IOException {
    Cell cell = new Cell(true, "acme", "k2", "فاتورة");
    LabelHistory history = new LabelHistory(7, 60_000, Map.of("leak", 2.5, "تسرب", 0.1));
    return Stream.of(
        Arguments.of(new UsagePartialSerializer(), new UsagePartial(cell, 10_000, totals())),
        Arguments.of(
            new GroupedPartialSerializer(), new GroupedPartial("TENANT|a%7Cb", -10_000, totals())),
        Arguments.of(new WindowTotalsSerializer(), new WindowTotals(totals(), true, true, history)),
        Arguments.of(
            new WindowTotalsSerializer(),
            new WindowTotals(totals(), false, false, new LabelHistory(0, 0, Map.of()))),
        Arguments.of(new LabelHistorySerializer(), history),
        Arguments.of(new SpendingSerializer(), new Spending(1, 1L << 50, 80, 0)),
        Arguments.of(new UsageEventSerializer(), event(new UsageEvent.Streamed(3))),
        Arguments.of(new UsageEventSerializer(), event(new UsageEvent.Failed("TIMEOUT"))),
        Arguments.of(
            new UsageEventSerializer(),
            event(
                new UsageEvent.Answered(
                    1, 2, 3, 4, 5, 6, "STOP", true, 7, List.of("leak", "تسرب")))));
  }

  private static UsageEvent event(UsageEvent.Fact fact) {
    return new UsageEvent(1L << 41, "acme", "k2", "", fact);
  }

  @ParameterizedTest
  @MethodSource("values")
  <T> void comesBackAsItWas(TypeSerializer<T> serializer, T value) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(16);
    serializer.serialize(value, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());

    assertThat(serializer.duplicate().deserialize(in)).isEqualTo(value);
    assertThat(in.available()).as("bytes left").isZero();
  }

  @ParameterizedTest
  @MethodSource("values")
  <T> void aSnapshotRestoresASerializerThatReadsTheSameBytes(TypeSerializer<T> serializer, T value)
      throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(16);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    TypeSerializerSnapshot<T> restored =
        TypeSerializerSnapshot.readVersionedSnapshot(
            new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());

    assertThat(restored.restoreSerializer()).isEqualTo(serializer);
    assertThat(
            serializer
                .snapshotConfiguration()
                .resolveSchemaCompatibility(restored)
                .isCompatibleAsIs())
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("values")
  <T> void refusesALayoutOfALaterRelease(TypeSerializer<T> serializer, T value) {
    assertThatThrownBy(
            () -> serializer.deserialize(new DataInputDeserializer(new byte[] {99, 0, 0})))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("restore with the release that wrote it");
  }
}
