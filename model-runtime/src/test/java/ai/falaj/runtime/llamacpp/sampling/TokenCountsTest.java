package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TokenCountsTest {

  @Property
  void countsLikeAMapInOrderOfFirstAppearance(
      @ForAll @Size(max = 400) List<@IntRange(min = 0, max = 200_000) Integer> known,
      @ForAll @Size(max = 2_000) List<@IntRange(min = 0, max = 300) Integer> tokens) {
    TokenCounts counts = new TokenCounts();
    Map<Integer, Integer> expected = new LinkedHashMap<>();
    for (int token : known) {
      counts.add(token, 0);
      expected.merge(token, 0, Integer::sum);
    }
    for (int token : tokens) {
      counts.add(token, 1);
      expected.merge(token, 1, Integer::sum);
    }
    Map<Integer, Integer> counted = new LinkedHashMap<>();
    for (int index = 0; index < counts.size(); index++) {
      counted.put(counts.token(index), counts.count(index));
    }
    assertThat(List.copyOf(counted.entrySet())).isEqualTo(List.copyOf(expected.entrySet()));
  }
}
