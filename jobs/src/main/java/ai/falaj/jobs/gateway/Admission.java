package ai.falaj.jobs.gateway;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many requests may be under way, in all and by tenant. Who finds no place is told when one
 * should be free: the time that a request took lately, divided by how many run. Any thread.
 */
final class Admission {

  private static final double NEWEST = 0.1;
  private static final Duration LEAST_WAIT = Duration.ofSeconds(1);
  private static final Duration MOST_WAIT = Duration.ofSeconds(60);

  private final int most;
  private final int mostOfTenant;
  private final Map<Optional<String>, Integer> byTenant = new HashMap<>();
  private int all;
  private double secondsOfRequest;

  /**
   * @param most in all
   * @param mostOfTenant of one tenant
   */
  Admission(int most, int mostOfTenant) {
    this.most = most;
    this.mostOfTenant = mostOfTenant;
  }

  /** Takes a place; empty if it could, else when to ask again. */
  synchronized Optional<Duration> tryEnter(Optional<String> tenant) {
    int own = byTenant.getOrDefault(tenant, 0);
    if (all >= most || own >= mostOfTenant) {
      return Optional.of(wait(all >= most ? all : own));
    }
    byTenant.put(tenant, own + 1);
    all++;
    return Optional.empty();
  }

  private Duration wait(int running) {
    Duration wait = Duration.ofMillis((long) (secondsOfRequest * 1_000 / Math.max(1, running)));
    return wait.compareTo(LEAST_WAIT) < 0
        ? LEAST_WAIT
        : wait.compareTo(MOST_WAIT) > 0 ? MOST_WAIT : wait;
  }

  /**
   * Gives the place back.
   *
   * @param took how long it was taken
   */
  synchronized void leave(Optional<String> tenant, Duration took) {
    byTenant.computeIfPresent(tenant, (name, count) -> count == 1 ? null : count - 1);
    all--;
    double seconds = took.toMillis() / 1e3;
    secondsOfRequest =
        secondsOfRequest == 0 ? seconds : secondsOfRequest + NEWEST * (seconds - secondsOfRequest);
  }

  /** Requests under way. */
  synchronized int running() {
    return all;
  }
}
