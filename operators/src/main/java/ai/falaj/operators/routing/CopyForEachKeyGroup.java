package ai.falaj.operators.routing;

import ai.falaj.operators.KeyGroupKeys;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Sends a change of a route under one key for each key group: whatever the parallelism of the
 * operator behind the exchange, each of its subtasks owns at least one of them. Confined to its
 * task.
 */
final class CopyForEachKeyGroup extends RichFlatMapFunction<RouteControl, RouteControl> {

  private static final long serialVersionUID = 1L;

  /** By key group. */
  private transient List<String> keys;

  @Override
  public void open(OpenContext context) {
    int keyGroups = getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
    keys = KeyGroupKeys.oneOfEach(keyGroups, number -> "route-" + number);
  }

  @Override
  public void flatMap(RouteControl control, Collector<RouteControl> out) {
    if (control instanceof RouteControl.Change change) {
      for (String key : keys) {
        out.collect(new RouteControl.Change(key, change.change()));
      }
    } else {
      out.collect(control);
    }
  }
}
