package ai.falaj.operators.serialization;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.Prompts;
import ai.falaj.operators.routing.Route;
import ai.falaj.operators.routing.RouteChange;
import ai.falaj.operators.routing.RouteControl;
import ai.falaj.schemas.ErrorCode;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RouteSerializersTest {

  private static final RouteChange SET =
      new RouteChange(
          "سلام", Optional.of(Route.parse("k2:90,canary:10 shadow big:2.5")), 3, 1L << 40, 7);
  private static final RouteChange REMOVED = new RouteChange("k2", Optional.empty(), 0, 1, -1);

  static Stream<RouteControl> controls() {
    return Stream.of(
        new RouteControl.Change("route-7", SET),
        new RouteControl.Change("route-8", REMOVED),
        new RouteControl.Refusal(Prompts.undecodable(ErrorCode.UNKNOWN_MODEL, "no such model")));
  }

  @ParameterizedTest
  @MethodSource("controls")
  void controlsComeBackAsTheyWere(RouteControl control) throws Exception {
    assertThat(roundTrip(new RouteControlSerializer(), control)).isEqualTo(control);
  }

  @Test
  void readsTheFirstLayoutOfAChange() throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    out.writeByte(1);
    Fields.writeText("k2", out);
    out.writeInt(3);
    out.writeLong(42);
    out.writeLong(7);
    out.writeBoolean(true);
    out.writeInt(1);
    Fields.writeText("canary", out);
    out.writeInt(10);
    out.writeInt(1);
    Fields.writeText("big", out);
    out.writeDouble(2.5);

    assertThat(
            new RouteChangeSerializer()
                .deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
        .isEqualTo(
            new RouteChange("k2", Optional.of(Route.parse("canary:10 shadow big:2.5")), 3, 42, 7));
  }

  @Test
  void snapshotsRestoreSerializersThatReadTheSameBytes() throws Exception {
    assertRestores(new RouteChangeSerializer(), SET);
    assertRestores(new RouteControlSerializer(), new RouteControl.Change("route-7", SET));
  }

  private static <T> void assertRestores(TypeSerializer<T> serializer, T value) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    TypeSerializerSnapshot<T> read =
        TypeSerializerSnapshot.readVersionedSnapshot(
            new DataInputDeserializer(out.getCopyOfBuffer()),
            RouteSerializersTest.class.getClassLoader());
    assertThat(read.restoreSerializer()).isEqualTo(serializer);
    assertThat(
            serializer.snapshotConfiguration().resolveSchemaCompatibility(read).isCompatibleAsIs())
        .isTrue();
    assertThat(roundTrip(read.restoreSerializer(), value)).isEqualTo(value);
  }

  private static <T> T roundTrip(TypeSerializer<T> serializer, T value) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(16);
    serializer.serialize(value, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    T back = serializer.duplicate().deserialize(in);
    assertThat(in.available()).as("bytes left").isZero();
    return back;
  }
}
