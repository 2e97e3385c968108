package ai.falaj.jobs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.chaos.ChaosEvent.Kill;
import ai.falaj.jobs.chaos.ChaosEvent.Pause;
import ai.falaj.jobs.chaos.ChaosEvent.Rescale;
import ai.falaj.jobs.chaos.ChaosEvent.Target;
import ai.falaj.jobs.chaos.ChaosEvent.Victim;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ChaosScheduleTest {

  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final int KILLS = ChaosSettings.defaultKills(FIVE_MINUTES);

  @Test
  void isTheSameForTheSameSeedAndAnotherForAnother() {
    assertThat(schedule(7)).isEqualTo(schedule(7)).isNotEqualTo(schedule(8));
  }

  @Test
  void killsAndPausesEachKindOfProcessAtLeastTwiceInFiveMinutes() {
    for (long seed = 0; seed < 200; seed++) {
      Map<String, Long> kinds =
          schedule(seed).events().stream()
              .collect(
                  Collectors.groupingBy(
                      event -> event.action() + victim(event).target(), Collectors.counting()));

      assertThat(kinds).as("seed %d", seed).hasSize(6).allSatisfy(ChaosScheduleTest::isTwice);
    }
  }

  private static void isTwice(String kind, long count) {
    assertThat(count).as(kind).isGreaterThanOrEqualTo(2);
  }

  @Test
  void endsEachEventBeforeTheNextBegins() {
    for (long seed = 0; seed < 200; seed++) {
      List<ChaosEvent> events = schedule(seed).events();

      assertThat(events).isSortedAccordingTo(Comparator.comparing(ChaosEvent::at));
      for (int i = 0; i + 1 < events.size(); i++) {
        assertThat(events.get(i).at().plus(length(events.get(i))))
            .as("seed %d, event %d", seed, i)
            .isLessThan(events.get(i + 1).at());
      }
      assertThat(events.get(events.size() - 1).at()).isLessThan(FIVE_MINUTES);
    }
  }

  @Test
  void pausesForLessAndForMoreThanTheHeartbeatTimeout() {
    List<Duration> pauses =
        LongStream.range(0, 50)
            .mapToObj(ChaosScheduleTest::schedule)
            .flatMap(schedule -> schedule.events().stream())
            .filter(Pause.class::isInstance)
            .map(ChaosScheduleTest::length)
            .toList();

    assertThat(pauses)
        .allMatch(pause -> pause.toMillis() >= 1_000 && pause.toMillis() <= 12_000)
        .anyMatch(pause -> pause.toMillis() < 8_000)
        .anyMatch(pause -> pause.toMillis() > 8_000);
  }

  @Test
  void hitsEveryTaskManager() {
    List<Integer> hit =
        ChaosSchedule.of(1, FIVE_MINUTES, 120, 3, List.of()).events().stream()
            .map(ChaosScheduleTest::victim)
            .filter(victim -> victim.target() == Target.TASK_MANAGER)
            .map(Victim::index)
            .distinct()
            .sorted()
            .toList();

    assertThat(hit).isEqualTo(IntStream.range(0, 3).boxed().toList());
  }

  @Test
  void spreadsRescalesOverTheRun() {
    ChaosSchedule schedule = ChaosSchedule.of(1, Duration.ofSeconds(90), 0, 3, List.of(3, 1));

    assertThat(schedule.events())
        .containsExactly(
            new Rescale(Duration.ofSeconds(30), 3), new Rescale(Duration.ofSeconds(60), 1));
  }

  @Test
  void plansAtLeastOneOfEachKindForAShortRun() {
    assertThat(ChaosSettings.defaultKills(Duration.ofSeconds(30))).isEqualTo(6);
    assertThat(ChaosSettings.defaultKills(FIVE_MINUTES)).isEqualTo(12);
    assertThat(ChaosSettings.defaultKills(Duration.ofMinutes(10))).isEqualTo(24);
  }

  private static ChaosSchedule schedule(long seed) {
    return ChaosSchedule.of(seed, FIVE_MINUTES, KILLS, 2, List.of());
  }

  private static Victim victim(ChaosEvent event) {
    return event instanceof Kill kill ? kill.victim() : ((Pause) event).victim();
  }

  private static Duration length(ChaosEvent event) {
    return event instanceof Kill kill ? kill.down() : ((Pause) event).length();
  }
}
