package ai.falaj.jobs.chaos;

import java.time.Duration;
import java.util.Locale;

/** Something that is done to the cluster while it works. */
public sealed interface ChaosEvent {

  /** What an event is done to. */
  enum Target {
    TASK_MANAGER,
    JOB_MANAGER,
    BROKER
  }

  /**
   * One process.
   *
   * @param index of a TaskManager, from 0; 0 for the others, of which there is one
   */
  record Victim(Target target, int index) {
    @Override
    public String toString() {
      return switch (target) {
        case TASK_MANAGER -> "TaskManager " + (index + 1);
        case JOB_MANAGER -> "JobManager";
        case BROKER -> "broker";
      };
    }
  }

  /** When it is planned, from the start of the load; later where the event before takes longer. */
  Duration at();

  /** One word for it. */
  String action();

  /** What it is done to. */
  String target();

  /** The rest, for people. */
  String details();

  /**
   * Killed as by {@code kill -9}, and started again.
   *
   * @param down until it is started again
   */
  record Kill(Duration at, Victim victim, Duration down) implements ChaosEvent {
    @Override
    public String action() {
      return "kill";
    }

    @Override
    public String target() {
      return victim.toString();
    }

    @Override
    public String details() {
      return "down " + seconds(down);
    }
  }

  /** Stopped in its tracks, and woken: it does not know that time has passed. */
  record Pause(Duration at, Victim victim, Duration length) implements ChaosEvent {
    @Override
    public String action() {
      return "pause";
    }

    @Override
    public String target() {
      return victim.toString();
    }

    @Override
    public String details() {
      return "for " + seconds(length);
    }
  }

  /** The job gets another parallelism. */
  record Rescale(Duration at, int parallelism) implements ChaosEvent {
    @Override
    public String action() {
      return "rescale";
    }

    @Override
    public String target() {
      return "job";
    }

    @Override
    public String details() {
      return "to " + parallelism;
    }
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
  }
}
