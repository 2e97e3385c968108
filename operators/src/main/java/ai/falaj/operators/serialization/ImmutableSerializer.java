package ai.falaj.operators.serialization;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Base of serializers for immutable values. Copies are the value itself, so that neither chained
 * operators nor the synchronous part of a checkpoint copy prompts and tokens.
 *
 * <p>Each value starts with the version of its layout: a newer release reads what an older one
 * wrote, an older one refuses what it does not know. Like all of Flink's serializers, an instance
 * is confined to one thread.
 */
abstract class ImmutableSerializer<T> extends TypeSerializer<T> {

  private static final long serialVersionUID = 1L;

  /** The layout that {@link #write} writes. */
  abstract int layoutVersion();

  abstract void write(T value, DataOutputView target) throws IOException;

  /**
   * @param layout between 1 and {@link #layoutVersion()}
   */
  abstract T read(int layout, DataInputView source) throws IOException;

  @Override
  public final void serialize(T value, DataOutputView target) throws IOException {
    target.writeByte(layoutVersion());
    write(value, target);
  }

  @Override
  public final T deserialize(DataInputView source) throws IOException {
    int layout = source.readByte();
    if (layout < 1 || layout > layoutVersion()) {
      throw new IOException(
          getClass().getSimpleName()
              + " knows layouts 1 to "
              + layoutVersion()
              + " and found "
              + layout
              + "; restore with the release that wrote it, or a newer one");
    }
    return read(layout, source);
  }

  @Override
  public final T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public final void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  @Override
  public final T copy(T from) {
    return from;
  }

  @Override
  public final T copy(T from, T reuse) {
    return from;
  }

  @Override
  public final boolean isImmutableType() {
    return true;
  }

  @Override
  public final int getLength() {
    return -1;
  }

  @Override
  public final T createInstance() {
    return null;
  }
}
