package ai.falaj.operators.serialization;

import java.util.function.Supplier;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/**
 * An {@link ImmutableSerializer} that needs no other serializer: all of its kind are equal, and its
 * snapshot is nothing but its class; what evolves is the layout in front of each value.
 */
abstract class StatelessSerializer<T> extends ImmutableSerializer<T> {

  private static final long serialVersionUID = 1L;

  @Override
  public final TypeSerializer<T> duplicate() {
    return this;
  }

  @Override
  public final boolean equals(Object other) {
    return other != null && other.getClass() == getClass();
  }

  @Override
  public final int hashCode() {
    return getClass().hashCode();
  }

  /** Of one of these serializers; Flink makes it by its constructor without arguments. */
  abstract static class Snapshot<T> extends SimpleTypeSerializerSnapshot<T> {
    Snapshot(Supplier<? extends TypeSerializer<T>> serializer) {
      super(serializer);
    }
  }
}
