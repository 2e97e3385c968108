package ai.falaj.operators.routing;

import java.util.Objects;
import java.util.Optional;

/**
 * What the last record of a route's key on the control topic said. Immutable.
 *
 * @param route name that requests use
 * @param split absent: back to what the job is configured with
 * @param partition of the control topic that the record was read from
 * @param offset of the record there
 * @param timestampMs of the record, in milliseconds since the epoch
 */
public record RouteChange(
    String route, Optional<Route> split, int partition, long offset, long timestampMs) {

  public RouteChange {
    Objects.requireNonNull(route, "route");
    Objects.requireNonNull(split, "split");
  }

  /**
   * Whether this one was written after the other. Records of one key are in one partition, unless
   * partitions were added between them.
   */
  boolean isAfter(RouteChange other) {
    return partition == other.partition ? offset > other.offset : timestampMs > other.timestampMs;
  }
}
