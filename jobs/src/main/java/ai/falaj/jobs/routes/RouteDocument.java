package ai.falaj.jobs.routes;

import ai.falaj.operators.routing.Route;
import java.util.List;

/**
 * A route for machines.
 *
 * @param split as people write it; null: as the job is configured
 * @param updatedAt ISO-8601; null where the record says nothing
 */
record RouteDocument(
    String route,
    String split,
    List<Route.Target> targets,
    List<Route.Shadow> shadows,
    String updatedAt,
    int partition,
    long offset) {

  static RouteDocument of(String name, Route route, RouteTopic.Written written) {
    return new RouteDocument(
        name,
        route.toString(),
        route.targets(),
        route.shadows(),
        null,
        written.partition(),
        written.offset());
  }

  static RouteDocument ofReset(String name, RouteTopic.Written written) {
    return new RouteDocument(name, null, null, null, null, written.partition(), written.offset());
  }

  static RouteDocument of(RouteTopic.Entry entry) {
    return new RouteDocument(
        entry.name(),
        entry.route().toString(),
        entry.route().targets(),
        entry.route().shadows(),
        entry.updatedAt().toString(),
        entry.place().partition(),
        entry.place().offset());
  }
}
