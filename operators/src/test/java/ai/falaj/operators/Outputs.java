package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import java.util.Collection;
import java.util.List;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Shows an operator's main output in a line. */
final class Outputs {

  private Outputs() {}

  /** Request ids and, as {@code W15}, watermarks. */
  static List<String> describe(Collection<Object> output) {
    return output.stream().map(Outputs::describeElement).toList();
  }

  private static String describeElement(Object element) {
    if (element instanceof Watermark watermark) {
      return "W" + watermark.getTimestamp();
    }
    if (element instanceof StreamRecord<?> record
        && record.getValue() instanceof OutputRecord<?> output
        && output.value() instanceof Completion completion) {
      return completion.getRequestId();
    }
    return element.toString();
  }
}
