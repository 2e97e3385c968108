package ai.falaj.operators.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTest {

  private static final int KEYS = 200_000;

  private static Map<String, Integer> counts(Route route) {
    Map<String, Integer> counts = new HashMap<>();
    keys().forEach(key -> counts.merge(route.target(key), 1, Integer::sum));
    return counts;
  }

  private static List<String> keys() {
    return IntStream.range(0, KEYS).mapToObj(number -> "conversation-" + number).toList();
  }

  /** Five standard deviations of a binomial share, rounded up. */
  private static double tolerance(double share) {
    return 5 * Math.sqrt(share * (1 - share) / KEYS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a:90,b:10", "a:50,b:50", "a:1,b:999", "a:3,b:2,c:1", "a:1,b:1,c:1,d:1,e:96"})
  void eachTargetGetsThePartOfItsWeight(String text) {
    Route route = Route.parse(text);
    int sum = route.targets().stream().mapToInt(Route.Target::weight).sum();
    Map<String, Integer> counts = counts(route);
    for (Route.Target target : route.targets()) {
      double share = (double) target.weight() / sum;
      assertThat((double) counts.getOrDefault(target.model(), 0) / KEYS)
          .as("%s of %s", target.model(), text)
          .isCloseTo(share, within(tolerance(share)));
    }
  }

  @Test
  void aTargetOfWeightZeroGetsNothing() {
    assertThat(counts(Route.parse("a:1,b:0"))).containsOnlyKeys("a");
  }

  @Test
  void raisingACanaryFromTenToFiftyMovesTheDifferenceAndOnlyTowardsIt() {
    Route before = Route.parse("k2:90,canary:10");
    Route after = Route.parse("k2:50,canary:50");
    int moved = 0;
    for (String key : keys()) {
      String target = after.target(key);
      if (!target.equals(before.target(key))) {
        assertThat(target).isEqualTo("canary");
        moved++;
      }
    }
    assertThat((double) moved / KEYS).isCloseTo(0.4, within(tolerance(0.4)));
  }

  @Test
  void aThirdTargetTakesItsPartFromTheOthersAndMovesNothingBetweenThem() {
    Route before = Route.parse("a:1,b:1");
    Route after = Route.parse("c:2,a:4,b:4");
    int moved = 0;
    for (String key : keys()) {
      String target = after.target(key);
      if (!target.equals(before.target(key))) {
        assertThat(target).isEqualTo("c");
        moved++;
      }
    }
    assertThat((double) moved / KEYS).isCloseTo(0.2, within(tolerance(0.2)));
  }

  @Test
  void theOrderAndTheScaleOfTheWeightsSayNothing() {
    Route one = Route.parse("a:90,b:10");
    Route same = Route.parse("b:1,a:9");
    assertThat(keys()).allMatch(key -> one.target(key).equals(same.target(key)));
  }

  /** A conversation must find its model again after an upgrade: these never change. */
  @Test
  void choosesAsEveryReleaseDid() {
    Route route = Route.parse("a:1,b:1");
    assertThat(IntStream.range(0, 16).mapToObj(number -> route.target("key-" + number)).toList())
        .isEqualTo(List.of(CHOSEN.split("")));
  }

  private static final String CHOSEN = "bbababbbaaabbbbb";

  @Test
  void aShadowGetsItsPartOfTheRequestsWhateverTheirTarget() {
    Route route = Route.parse("a:50,b:50 shadow big:5,small:100");
    Map<String, Integer> shadowed = new HashMap<>();
    int both = 0;
    for (String key : keys()) {
      List<String> shadows = route.shadows(key);
      shadows.forEach(shadow -> shadowed.merge(shadow, 1, Integer::sum));
      both += shadows.contains("big") && route.target(key).equals("a") ? 1 : 0;
    }
    assertThat(shadowed.get("small")).isEqualTo(KEYS);
    assertThat((double) shadowed.get("big") / KEYS).isCloseTo(0.05, within(tolerance(0.05)));
    assertThat((double) both / KEYS).isCloseTo(0.025, within(tolerance(0.025)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          k2|k2:1
          k2:90,k2-canary:10|k2:90,k2-canary:10
          '  k2:90 ,  k2-canary:10   shadow  gpt-oss:5 '|k2:90,k2-canary:10 shadow gpt-oss:5
          qwen2.5:0.5b:3,x:1 shadow a:0.25,b:100|qwen2.5:0.5b:3,x:1 shadow a:0.25,b:100
          shadow:1|shadow:1
          """)
  void readsWhatPeopleWriteAndWritesWhatItReads(String text, String written) {
    Route route = Route.parse(text);
    assertThat(route).hasToString(written);
    assertThat(Route.parse(written)).isEqualTo(route);
    assertThat(Route.of(route.update("r", Instant.EPOCH))).isEqualTo(route);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''|'' names no part; write MODEL:WEIGHT,MODEL:WEIGHT and, where wanted, shadow MODEL:PERCENT
          a,b|'a' names no part; write MODEL:WEIGHT,MODEL:WEIGHT and, where wanted, shadow MODEL:PERCENT
          a:9.5,b:1|'a:9.5' has no whole number as its weight; write MODEL:WEIGHT,MODEL:WEIGHT and, where wanted, shadow MODEL:PERCENT
          a:0,b:0|no target has a weight above 0; give one of them a part of the requests
          a:-1,b:1|the weight of a is -1; it must be 0 to 1000000
          a:1,a:2|a target is there twice in [a, a]; name each model once
          a:1 shadow b|'b' names no part; write MODEL:WEIGHT,MODEL:WEIGHT and, where wanted, shadow MODEL:PERCENT
          a:1 shadow b:0|the shadow b gets 0.0 percent; it must be above 0 and at most 100
          a:1 shadow b:101|the shadow b gets 101.0 percent; it must be above 0 and at most 100
          a:1 shadow b:x|'b:x' has no number as its percentage; write MODEL:WEIGHT,MODEL:WEIGHT and, where wanted, shadow MODEL:PERCENT
          a:1 shadow b:1,b:2|a shadow is there twice in [b, b]; name each model once
          a:1 shadow b:1 shadow c:1|'a:1 shadow b:1 shadow c:1' says shadow twice; name all shadows after one, separated by commas
          a b:1|a model is named 'a b'; names hold neither blanks nor commas and are not empty
          """)
  void refusesWhatIsNoRoute(String text, String message) {
    assertThatThrownBy(() -> Route.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void findsAModelThatIsNotServed() {
    Route route = Route.parse("a:1,b:1 shadow c:5");
    assertThat(route.firstOutside(Set.of("a", "b", "c"))).isEmpty();
    assertThat(route.firstOutside(Set.of("a", "b"))).contains("c");
    assertThat(route.firstOutside(Set.of("a", "c"))).contains("b");
  }
}
