package ai.falaj.operators.serialization;

import ai.falaj.operators.routing.Route;
import ai.falaj.operators.routing.RouteChange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes what the control topic said of a route. */
public final class RouteChangeSerializer extends ImmutableSerializer<RouteChange> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(RouteChange change, DataOutputView target) throws IOException {
    Fields.writeText(change.route(), target);
    target.writeInt(change.partition());
    target.writeLong(change.offset());
    target.writeLong(change.timestampMs());
    target.writeBoolean(change.split().isPresent());
    if (change.split().isPresent()) {
      writeRoute(change.split().get(), target);
    }
  }

  private static void writeRoute(Route route, DataOutputView target) throws IOException {
    target.writeInt(route.targets().size());
    for (Route.Target model : route.targets()) {
      Fields.writeText(model.model(), target);
      target.writeInt(model.weight());
    }
    target.writeInt(route.shadows().size());
    for (Route.Shadow shadow : route.shadows()) {
      Fields.writeText(shadow.model(), target);
      target.writeDouble(shadow.percent());
    }
  }

  @Override
  RouteChange read(int layout, DataInputView source) throws IOException {
    String route = Fields.readText(source);
    int partition = source.readInt();
    long offset = source.readLong();
    long timestampMs = source.readLong();
    Optional<Route> split =
        source.readBoolean() ? Optional.of(readRoute(source)) : Optional.empty();
    return new RouteChange(route, split, partition, offset, timestampMs);
  }

  private static Route readRoute(DataInputView source) throws IOException {
    int targetCount = source.readInt();
    List<Route.Target> targets = new ArrayList<>(targetCount);
    for (int i = 0; i < targetCount; i++) {
      targets.add(new Route.Target(Fields.readText(source), source.readInt()));
    }
    int shadowCount = source.readInt();
    List<Route.Shadow> shadows = new ArrayList<>(shadowCount);
    for (int i = 0; i < shadowCount; i++) {
      shadows.add(new Route.Shadow(Fields.readText(source), source.readDouble()));
    }
    return new Route(targets, shadows);
  }

  @Override
  public TypeSerializer<RouteChange> duplicate() {
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RouteChangeSerializer;
  }

  @Override
  public int hashCode() {
    return RouteChangeSerializer.class.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<RouteChange> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Each value says its layout itself. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<RouteChange> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {
      super(RouteChangeSerializer::new);
    }
  }
}
