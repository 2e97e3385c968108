package ai.falaj.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BoundedCacheTest {

  @Test
  void forgetsTheLeastRecentlyUsedEntryWhenItIsFull() {
    BoundedCache<String, Integer> cache = new BoundedCache<>(2);
    cache.put("a", 1);
    cache.put("b", 2);
    assertThat(cache.get("a")).isEqualTo(1);

    cache.put("c", 3);

    assertThat(cache.get("a")).isEqualTo(1);
    assertThat(cache.get("b")).isNull();
    assertThat(cache.get("c")).isEqualTo(3);
  }

  @Test
  void forgetsAllWhenItIsCleared() {
    BoundedCache<String, Integer> cache = new BoundedCache<>(2);
    cache.put("a", 1);

    cache.clear();

    assertThat(cache.get("a")).isNull();
  }

  @Test
  void refusesToHoldNothing() {
    assertThatThrownBy(() -> new BoundedCache<>(0)).hasMessageContaining("capacity is 0");
  }
}
