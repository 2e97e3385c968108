package ai.falaj.operators.routing;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes that are in force: those that the job is configured with, and over them what the
 * control topic said last of each. It grows with the number of routes that the topic ever named.
 * Confined to one thread.
 */
final class RouteTable {

  private static final Logger LOG = LoggerFactory.getLogger(RouteTable.class);

  private final Map<String, Route> configured;
  private final Set<String> models;
  private final Map<String, RouteChange> changes = new HashMap<>();
  private final Map<String, Route> inForce = new HashMap<>();

  /**
   * @param models that are served; a restored route that names another one is not in force
   */
  RouteTable(Map<String, Route> configured, Set<String> models) {
    this.configured = configured;
    this.models = models;
    inForce.putAll(configured);
  }

  /** The route of the requests for a name; empty: they go to the model of that name. */
  Optional<Route> find(String name) {
    return Optional.ofNullable(inForce.get(name));
  }

  /**
   * Puts what was just read in force, whatever was there before.
   *
   * @return whether anything is different now
   */
  boolean apply(RouteChange change) {
    if (change.equals(changes.put(change.route(), change))) {
      return false;
    }
    enforce(change);
    LOG.info(
        "Requests for '{}' go to {}",
        change.route(),
        find(change.route()).map(Route::toString).orElse("the model of that name"));
    return true;
  }

  /** Takes what several checkpointed tables say; of each route the newest counts. */
  void restore(Iterable<RouteChange> checkpointed) {
    for (RouteChange change : checkpointed) {
      RouteChange other = changes.get(change.route());
      if (other == null || change.isAfter(other)) {
        changes.put(change.route(), change);
      }
    }
    changes.values().forEach(this::enforce);
  }

  /** All that was read of the control topic, the last of each route. */
  List<RouteChange> changes() {
    return List.copyOf(changes.values());
  }

  private void enforce(RouteChange change) {
    Optional<String> unknown = change.split().flatMap(split -> split.firstOutside(models));
    if (unknown.isPresent()) {
      LOG.warn(
          "The route '{}' names model {}, which this job does not serve any more; it is as configured until it is set anew",
          change.route(),
          unknown.get());
    }
    Route route =
        unknown.isEmpty() && change.split().isPresent()
            ? change.split().get()
            : configured.get(change.route());
    if (route == null) {
      inForce.remove(change.route());
    } else {
      inForce.put(change.route(), route);
    }
  }

  /** Names of the routes that are in force. */
  Collection<String> names() {
    return Set.copyOf(inForce.keySet());
  }
}
