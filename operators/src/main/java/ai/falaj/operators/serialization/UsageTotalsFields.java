package ai.falaj.operators.serialization;

import ai.falaj.operators.analytics.LatencySketch;
import ai.falaj.operators.analytics.UsageTotals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The fields of {@link UsageTotals}, which several serializers write. */
final class UsageTotalsFields {

  private UsageTotalsFields() {}

  static void write(UsageTotals totals, DataOutputView target) throws IOException {
    target.writeLong(totals.requests());
    target.writeLong(totals.deadLetters());
    target.writeLong(totals.chunks());
    target.writeLong(totals.promptTokens());
    target.writeLong(totals.cachedTokens());
    target.writeLong(totals.reasoningTokens());
    target.writeLong(totals.completionTokens());
    target.writeLong(totals.streamedTokens());
    Fields.writeBytes(ByteBuffer.wrap(totals.timeToFirstToken().toBytes()), target);
    Fields.writeBytes(ByteBuffer.wrap(totals.total().toBytes()), target);
    writeCounts(totals.finishReasons(), target);
    writeCounts(totals.errors(), target);
    target.writeLong(totals.pricedRequests());
    target.writeLong(totals.costNanos());
    writeCounts(totals.labels(), target);
  }

  static UsageTotals read(DataInputView source) throws IOException {
    return new UsageTotals(
        source.readLong(),
        source.readLong(),
        source.readLong(),
        source.readLong(),
        source.readLong(),
        source.readLong(),
        source.readLong(),
        source.readLong(),
        LatencySketch.ofBytes(Fields.readBytes(source).array()),
        LatencySketch.ofBytes(Fields.readBytes(source).array()),
        readCounts(source),
        readCounts(source),
        source.readLong(),
        source.readLong(),
        readCounts(source));
  }

  /** In the order of the names: equal counts have equal bytes. */
  private static void writeCounts(Map<String, Long> counts, DataOutputView target)
      throws IOException {
    target.writeInt(counts.size());
    for (Map.Entry<String, Long> count : new TreeMap<>(counts).entrySet()) {
      Fields.writeText(count.getKey(), target);
      target.writeLong(count.getValue());
    }
  }

  private static Map<String, Long> readCounts(DataInputView source) throws IOException {
    int size = source.readInt();
    Map<String, Long> counts = new HashMap<>();
    for (int i = 0; i < size; i++) {
      counts.put(Fields.readText(source), source.readLong());
    }
    return counts;
  }
}
