package ai.falaj.operators.analytics;

import java.io.Serializable;
import java.util.Set;

/**
 * How many different names have windows of their own at a time; later ones share those of {@link
 * Names#OTHER}. Names come from clients, so without limits a client decides how large the state
 * gets.
 *
 * @param combinations of tenant, model and template
 * @param reservedTenants that always have their own, beside the limit: those with a budget
 * @param reservedModels likewise: those with a price
 */
public record NameLimits(
    int tenants,
    int models,
    int templates,
    int combinations,
    int labels,
    Set<String> reservedTenants,
    Set<String> reservedModels)
    implements Serializable {

  public static final NameLimits DEFAULT =
      new NameLimits(500, 50, 200, 1_000, 200, Set.of(), Set.of());

  public NameLimits {
    reservedTenants = Set.copyOf(reservedTenants);
    reservedModels = Set.copyOf(reservedModels);
    for (int limit : new int[] {tenants, models, templates, combinations, labels}) {
      if (limit < 1) {
        throw new IllegalArgumentException("a limit of names is " + limit + "; allow at least 1");
      }
    }
  }

  int of(NameKind kind) {
    return switch (kind) {
      case TENANT -> tenants;
      case MODEL -> models;
      case TEMPLATE -> templates;
      case COMBINATION -> combinations;
      case LABEL -> labels;
    };
  }

  boolean reserves(NameKind kind, String name) {
    return switch (kind) {
      case TENANT -> reservedTenants.contains(name);
      case MODEL -> reservedModels.contains(name);
      case TEMPLATE, COMBINATION, LABEL -> false;
    };
  }
}
