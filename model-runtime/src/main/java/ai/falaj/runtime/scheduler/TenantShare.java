package ai.falaj.runtime.scheduler;

import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * What a tenant is entitled to.
 *
 * @param tenant its name; empty for requests that name none
 * @param weight tokens that it gets for each token of a tenant of weight 1, while both have
 *     requests waiting; above 0, at most {@value #MAX_WEIGHT}
 * @param budgetOrNull null: no limit
 */
public record TenantShare(String tenant, double weight, TokenBudget budgetOrNull)
    implements Serializable {

  public static final double MAX_WEIGHT = 1_000;

  public TenantShare {
    Objects.requireNonNull(tenant, "tenant");
    if (!(weight > 0 && weight <= MAX_WEIGHT)) {
      throw new IllegalArgumentException(
          "the weight of tenant %s is %s; it must be above 0 and at most %s"
              .formatted(tenant, weight, MAX_WEIGHT));
    }
  }

  public Optional<TokenBudget> budget() {
    return Optional.ofNullable(budgetOrNull);
  }

  /** Weight 1 and no budget: what a tenant has that nobody configured. */
  public static TenantShare standard(String tenant) {
    return new TenantShare(tenant, 1, null);
  }
}
