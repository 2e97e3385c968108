package ai.falaj.operators;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Finds keys by which a record reaches every subtask in an exchange by key: one in each key group,
 * so that each subtask owns at least one of them, whatever the parallelism. Stateless.
 */
public final class KeyGroupKeys {

  private KeyGroupKeys() {}

  /**
   * One key of each key group, by key group.
   *
   * @param keyGroups the operator's largest parallelism
   * @param keyOf makes the key of a number; asked from 0 on
   */
  public static <K> List<K> oneOfEach(int keyGroups, IntFunction<K> keyOf) {
    List<K> keys = new ArrayList<>(Collections.nCopies(keyGroups, null));
    int found = 0;
    for (int number = 0; found < keyGroups; number++) {
      K key = keyOf.apply(number);
      int group = KeyGroupRangeAssignment.assignToKeyGroup(key, keyGroups);
      if (keys.get(group) == null) {
        keys.set(group, key);
        found++;
      }
    }
    return keys;
  }
}
