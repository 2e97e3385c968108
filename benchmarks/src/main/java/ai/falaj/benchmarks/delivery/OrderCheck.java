package ai.falaj.benchmarks.delivery;

import java.util.HashMap;
import java.util.Map;

/** Counts results that came after a later one of their conversation. Confined to one thread. */
public final class OrderCheck {

  private final Map<String, Integer> latest = new HashMap<>();
  private int results;
  private int overtaken;

  /**
   * Takes the next result.
   *
   * @param number of its prompt; grows within a conversation
   */
  public void take(String conversation, int number) {
    results++;
    int highest = latest.merge(conversation, number, Math::max);
    if (highest > number) {
      overtaken++;
    }
  }

  public int results() {
    return results;
  }

  public int conversations() {
    return latest.size();
  }

  /** Results before which a later one came. */
  public int overtaken() {
    return overtaken;
  }
}
