package ai.falaj.operators.routing;

import ai.falaj.schemas.RouteShadow;
import ai.falaj.schemas.RouteTarget;
import ai.falaj.schemas.RouteUpdate;
import java.io.Serializable;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the requests for one name are shared out between models. Immutable.
 *
 * <p>A request's target is chosen by weighted rendezvous: each target draws an exponentially
 * distributed number at the rate of its weight, from a hash of the request's key and the target's
 * name, and the smallest wins. So the same key goes to the same target whatever process asks, each
 * target gets its weight's part of the keys, the order of the targets says nothing, and a change of
 * weights moves keys only towards targets whose part grew: between two targets exactly as many as
 * the parts differ by. (Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", SPAA 2005:
 * the logarithmic method.)
 *
 * @param targets that answer, at least one of them with a weight above 0
 * @param shadows that generate copies of some requests; may be models that answer others
 */
public record Route(List<Target> targets, List<Shadow> shadows) implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Name of the route of requests that name no model. */
  public static final String DEFAULT = "default";

  public static final int MAX_WEIGHT = 1_000_000;

  /**
   * A model that answers.
   *
   * @param weight its part is this divided by the sum of all weights; 0 to {@value #MAX_WEIGHT}
   */
  public record Target(String model, int weight) implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException naming the value and its range
     */
    public Target {
      requireName(model);
      if (weight < 0 || weight > MAX_WEIGHT) {
        throw new IllegalArgumentException(
            "the weight of %s is %d; it must be 0 to %d".formatted(model, weight, MAX_WEIGHT));
      }
    }
  }

  /**
   * A model that generates copies.
   *
   * @param percent of the requests that it gets; above 0, at most 100
   */
  public record Shadow(String model, double percent) implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException naming the value and its range
     */
    public Shadow {
      requireName(model);
      if (!(percent > 0 && percent <= 100)) {
        throw new IllegalArgumentException(
            "the shadow %s gets %s percent; it must be above 0 and at most 100"
                .formatted(model, percent));
      }
    }
  }

  /**
   * @throws IllegalArgumentException naming the value at fault and the remedy
   */
  public Route {
    targets = List.copyOf(targets);
    shadows = List.copyOf(shadows);
    if (targets.stream().noneMatch(target -> target.weight() > 0)) {
      throw new IllegalArgumentException(
          "no target has a weight above 0; give one of them a part of the requests");
    }
    requireDistinct("target", targets.stream().map(Target::model).toList());
    requireDistinct("shadow", shadows.stream().map(Shadow::model).toList());
  }

  /** Reads the text that {@link #toString} writes, such as {@code k2:90,canary:10 shadow big:5}. */
  public static Route parse(String text) {
    return RouteText.parse(text);
  }

  /**
   * @throws IllegalArgumentException naming the value at fault and the remedy
   */
  public static Route of(RouteUpdate update) {
    return new Route(
        update.getTargets().stream()
            .map(target -> new Target(target.getModel(), target.getWeight()))
            .toList(),
        update.getShadows().stream()
            .map(shadow -> new Shadow(shadow.getModel(), shadow.getPercent()))
            .toList());
  }

  /** The record that gives this route to the requests for a name. */
  public RouteUpdate update(String route, Instant updatedAt) {
    return new RouteUpdate(
        route,
        targets.stream().map(target -> new RouteTarget(target.model(), target.weight())).toList(),
        shadows.stream().map(shadow -> new RouteShadow(shadow.model(), shadow.percent())).toList(),
        updatedAt);
  }

  /** The model that answers a request with this key. */
  public String target(String key) {
    return targets.stream()
        .filter(target -> target.weight() > 0)
        .min(
            Comparator.comparingDouble(
                target -> -Math.log(StickyHash.point(key, target.model())) / target.weight()))
        .orElseThrow()
        .model();
  }

  /** The models that generate a copy of a request with this id. */
  List<String> shadows(String requestId) {
    if (shadows.isEmpty()) {
      return List.of();
    }
    return shadows.stream()
        .filter(
            shadow ->
                StickyHash.point(requestId, "shadow " + shadow.model()) * 100 < shadow.percent())
        .map(Shadow::model)
        .toList();
  }

  /** A model that the route names and that is none of these. */
  public Optional<String> firstOutside(Collection<String> models) {
    return models().filter(model -> !models.contains(model)).findFirst();
  }

  private Stream<String> models() {
    return Stream.concat(targets.stream().map(Target::model), shadows.stream().map(Shadow::model));
  }

  private static void requireName(String model) {
    if (!RouteText.isName(model)) {
      throw new IllegalArgumentException(
          "a model is named '%s'; names hold neither blanks nor commas and are not empty"
              .formatted(model));
    }
  }

  private static void requireDistinct(String role, List<String> models) {
    Set<String> distinct = new HashSet<>(models);
    if (distinct.size() < models.size()) {
      throw new IllegalArgumentException(
          "a %s is there twice in %s; name each model once".formatted(role, models));
    }
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return RouteText.write(this);
  }
}
