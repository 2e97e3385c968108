package ai.falaj.operators.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.routing.Route;
import ai.falaj.operators.routing.RouteChange;
import ai.falaj.operators.routing.RouteControl;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.RouteTarget;
import ai.falaj.schemas.RouteUpdate;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class RouteControlDeserializationSchemaTest {

  private static final String TOPIC = "falaj.routes";

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();

  private RouteControl read(String key, byte[] value) {
    RouteControlDeserializationSchema schema =
        new RouteControlDeserializationSchema(() -> registry, Set.of("k2", "canary"));
    schema.open(new RegistryRetries(wait -> {}));
    List<RouteControl> out = new ArrayList<>();
    byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    schema.deserialize(
        new ConsumerRecord<>(TOPIC, 1, 9, keyBytes, value), new ListCollector<>(out));
    assertThat(out).hasSize(1);
    return out.get(0);
  }

  private byte[] bytes(RouteUpdate update) {
    return new RecordSerializer<>(RouteUpdate.class, registry).serialize(TOPIC, update);
  }

  private RouteControl read(String key, String route, String split) {
    return read(key, bytes(Route.parse(split).update(route, Instant.EPOCH)));
  }

  private static void assertRefused(RouteControl control, ErrorCode code, String message) {
    assertThat(control)
        .isInstanceOfSatisfying(
            RouteControl.Refusal.class,
            refusal -> {
              PromptRecord letter = refusal.letter();
              assertThat(letter.origin()).isEqualTo(new RecordOrigin(TOPIC, 1, 9));
              assertThat(letter.content())
                  .isInstanceOfSatisfying(
                      PromptRecord.Undecodable.class,
                      why -> {
                        assertThat(why.code()).isEqualTo(code);
                        assertThat(why.message()).contains(message);
                      });
            });
  }

  @Test
  void readsARouteWithItsPlaceInTheTopic() {
    RouteControl control = read("k2", "k2", "k2:50,canary:50 shadow canary:5");
    assertThat(control).isInstanceOf(RouteControl.Change.class);
    RouteChange change = ((RouteControl.Change) control).change();
    assertThat(change.route()).isEqualTo("k2");
    assertThat(change.split()).contains(Route.parse("k2:50,canary:50 shadow canary:5"));
    assertThat(change.partition()).isEqualTo(1);
    assertThat(change.offset()).isEqualTo(9);
  }

  @Test
  void aRecordWithoutAValueTakesTheRouteBack() {
    assertThat(((RouteControl.Change) read("k2", (byte[]) null)).change().split())
        .isEqualTo(Optional.empty());
  }

  @Test
  void refusesWhatIsNoRouteWithACodeAndTheRemedy() {
    assertRefused(read(null, (byte[]) null), ErrorCode.UNDECODABLE_RECORD, "has no key");
    assertRefused(
        read("k2", "k2:1".getBytes(StandardCharsets.UTF_8)), ErrorCode.UNDECODABLE_RECORD, "");
    assertRefused(
        read("k2", "other", "k2:1"),
        ErrorCode.INVALID_PARAMETER,
        "the record's key is 'k2' and its route 'other'");
    assertRefused(
        read("k2", "k2", "k2:1,gone:1"),
        ErrorCode.UNKNOWN_MODEL,
        "names model 'gone' and this job serves 'canary', 'k2'");
    RouteUpdate nothing =
        RouteUpdate.newBuilder()
            .setRoute("k2")
            .setTargets(List.of(new RouteTarget("k2", 0)))
            .setUpdatedAt(Instant.EPOCH)
            .build();
    assertRefused(
        read("k2", bytes(nothing)),
        ErrorCode.INVALID_PARAMETER,
        "the route 'k2' cannot be: no target has a weight above 0");
  }

  @Test
  void aRegistryThatIsOutOfReachFailsTheJob() {
    byte[] value = bytes(Route.parse("k2:1").update("k2", Instant.EPOCH));
    registry.failWith(Kind.UNREACHABLE);
    assertThatThrownBy(() -> read("k2", value)).isInstanceOf(SchemaRegistryException.class);
  }

  @Test
  void travelsInAJobGraph() throws Exception {
    assertThat(
            InstantiationUtil.clone(
                    new RouteControlDeserializationSchema(
                        RegistryAccess.of(RegistryConfig.of("http://registry:8081")), Set.of("k2")))
                .getProducedType()
                .getTypeClass())
        .isEqualTo(RouteControl.class);
  }
}
