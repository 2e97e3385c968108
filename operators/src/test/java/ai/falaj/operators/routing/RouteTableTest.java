package ai.falaj.operators.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteTableTest {

  private static final Route CONFIGURED = Route.parse("a:90,b:10");
  private static final Route HALF = Route.parse("a:50,b:50");

  private final RouteTable table = table();

  private static RouteTable table() {
    return new RouteTable(Map.of("a", CONFIGURED), Set.of("a", "b"));
  }

  private static RouteChange change(String route, String split, long offset) {
    return new RouteChange(
        route, Optional.ofNullable(split).map(Route::parse), 0, offset, 1_000 + offset);
  }

  @Test
  void hasTheConfiguredRoutesAndNoOthers() {
    assertThat(table.find("a")).contains(CONFIGURED);
    assertThat(table.find("b")).isEmpty();
  }

  @Test
  void theLastRecordOfARouteCountsWhateverItsOffset() {
    table.apply(change("a", "a:1", 7));
    table.apply(change("a", "a:50,b:50", 3));
    assertThat(table.find("a")).contains(HALF);
  }

  @Test
  void aRecordThatComesAgainChangesNothing() {
    assertThat(table.apply(change("a", "a:50,b:50", 3))).isTrue();
    assertThat(table.apply(change("a", "a:50,b:50", 3))).isFalse();
  }

  @Test
  void aRemovedRouteIsAsConfiguredOrNoneAgain() {
    table.apply(change("a", "a:50,b:50", 1));
    table.apply(change("new", "b:1", 2));
    assertThat(table.names()).containsExactlyInAnyOrder("a", "new");
    table.apply(change("a", null, 3));
    table.apply(change("new", null, 4));
    assertThat(table.find("a")).contains(CONFIGURED);
    assertThat(table.find("new")).isEmpty();
  }

  @Test
  void restoresTheNewestOfEachRouteFromTablesThatSawDifferentMuch() {
    table.restore(
        List.of(
            change("a", "a:50,b:50", 5),
            change("x", null, 9),
            change("a", "a:1", 4),
            change("x", "b:1", 8)));
    assertThat(table.find("a")).contains(HALF);
    assertThat(table.find("x")).isEmpty();
    assertThat(table.changes())
        .containsExactlyInAnyOrder(change("a", "a:50,b:50", 5), change("x", null, 9));
  }

  @Test
  void afterPartitionsWereAddedTheLaterTimeCounts() {
    RouteChange older = new RouteChange("a", Optional.of(Route.parse("b:1")), 0, 100, 1_000);
    RouteChange newer = new RouteChange("a", Optional.of(HALF), 3, 0, 2_000);
    table.restore(List.of(newer, older));
    assertThat(table.find("a")).contains(HALF);
  }

  @Test
  void aRestoredRouteOfAModelThatIsGoneIsAsConfiguredUntilItIsSetAnew() {
    table.restore(List.of(change("a", "gone:1,b:1", 1)));
    assertThat(table.find("a")).contains(CONFIGURED);
    table.apply(change("a", "a:50,b:50", 2));
    assertThat(table.find("a")).contains(HALF);
  }
}
