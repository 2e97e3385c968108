package ai.falaj.jobs.chaos;

import ai.falaj.jobs.chaos.ChaosEvent.Kill;
import ai.falaj.jobs.chaos.ChaosEvent.Pause;
import ai.falaj.jobs.chaos.ChaosEvent.Rescale;
import ai.falaj.jobs.chaos.ChaosEvent.Target;
import ai.falaj.jobs.chaos.ChaosEvent.Victim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What happens when: a function of the seed and the settings, and of nothing else. Immutable.
 *
 * <p>The run is cut into as many windows as there are kills and pauses; each has one, which begins
 * in its first half and not at once, so that the load is on and most events are over before the
 * next. All six kinds (kill and pause of TaskManager, JobManager and broker) take turns, in an
 * order of their own in each round: any six in a row that begin a round hold each kind once. Pauses
 * are shorter and longer than Flink's heartbeat timeout, so that some TaskManagers come back after
 * they were given up.
 */
public record ChaosSchedule(List<ChaosEvent> events) {

  /** Kinds of kills and pauses. */
  static final int KINDS = 2 * Target.values().length;

  private static final double EARLIEST_SHARE_OF_WINDOW = 1.0 / 6;
  private static final double LATEST_SHARE_OF_WINDOW = 1.0 / 2;
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

  /** Beyond the heartbeat timeout of 8 s. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(12);

  private static final Duration SHORTEST_DOWN = Duration.ofMillis(500);
  private static final Duration LONGEST_DOWN = Duration.ofSeconds(5);

  public ChaosSchedule {
    events = events.stream().sorted(Comparator.comparing(ChaosEvent::at)).toList();
  }

  /**
   * Makes the schedule of a run.
   *
   * @param kills number of kills and pauses together
   * @param taskManagers that may be hit
   * @param rescales parallelisms that the job is brought to one after the other, spread evenly
   */
  static ChaosSchedule of(
      long seed, Duration run, int kills, int taskManagers, List<Integer> rescales) {
    Random random = new Random(seed);
    List<ChaosEvent> events = new ArrayList<>();
    List<Integer> round = new ArrayList<>();
    for (int index = 0; index < kills; index++) {
      if (round.isEmpty()) {
        round.addAll(List.of(0, 1, 2, 3, 4, 5));
        Collections.shuffle(round, random);
      }
      long windowMs = run.toMillis() / kills;
      double into =
          EARLIEST_SHARE_OF_WINDOW
              + random.nextDouble() * (LATEST_SHARE_OF_WINDOW - EARLIEST_SHARE_OF_WINDOW);
      Duration at = Duration.ofMillis(index * windowMs + Math.round(windowMs * into));
      events.add(event(round.remove(0), at, windowMs, taskManagers, random));
    }
    for (int index = 0; index < rescales.size(); index++) {
      Duration at = run.multipliedBy(index + 1L).dividedBy(rescales.size() + 1L);
      events.add(new Rescale(at, rescales.get(index)));
    }
    return new ChaosSchedule(events);
  }

  private static ChaosEvent event(
      int kind, Duration at, long windowMs, int taskManagers, Random random) {
    Target target = Target.values()[kind / 2];
    int index = target == Target.TASK_MANAGER ? random.nextInt(taskManagers) : 0;
    Victim victim = new Victim(target, index);
    return kind % 2 == 0
        ? new Kill(at, victim, between(SHORTEST_DOWN, LONGEST_DOWN, windowMs / 3, random))
        : new Pause(at, victim, between(SHORTEST_PAUSE, LONGEST_PAUSE, windowMs / 2, random));
  }

  private static Duration between(Duration from, Duration to, long atMostMs, Random random) {
    long longestMs = Math.max(from.toMillis(), Math.min(to.toMillis(), atMostMs));
    return Duration.ofMillis(
        from.toMillis() + Math.round(random.nextDouble() * (longestMs - from.toMillis())));
  }
}
