package ai.falaj.jobs.enrich;

import ai.falaj.operators.serialization.ImmutableTypeInfo;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A record on its way to the output, as its bytes. Immutable; nobody changes them.
 *
 * @param key of the record that was read
 * @param traceparent W3C trace context of the record that was read
 */
record EnrichedRow(Optional<ByteBuffer> key, byte[] value, Optional<String> traceparent) {

  static final TypeInformation<EnrichedRow> TYPE =
      new ImmutableTypeInfo<>(EnrichedRow.class, new EnrichedRowSerializer());

  EnrichedRow {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(traceparent, "traceparent");
  }
}
