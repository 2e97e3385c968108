package ai.falaj.schemas.registry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A small map that forgets its least recently used entry when it is full. Any thread.
 *
 * <p>Loading is the caller's: two threads that miss at once both load, and the later one wins,
 * which is harmless for values that never change.
 */
public final class BoundedCache<K, V> {

  private final Map<K, V> entries;

  /**
   * @param capacity most entries kept, at least 1
   */
  public BoundedCache(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity + "; it must be 1 or more");
    }
    entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > capacity;
          }
        };
  }

  /** The value of a key, or null. */
  public synchronized V get(K key) {
    return entries.get(key);
  }

  public synchronized void put(K key, V value) {
    entries.put(key, Objects.requireNonNull(value, "value"));
  }

  public synchronized void clear() {
    entries.clear();
  }
}
