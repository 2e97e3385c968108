package ai.falaj.benchmarks.simulation.trace;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * Who sends the requests of a load.
 *
 * @param tenants at least one
 */
public record TenantMix(List<Tenant> tenants) {

  /** Nobody in particular. */
  public static final TenantMix ONE = new TenantMix(List.of(new Tenant("", 1, null)));

  /**
   * A tenant.
   *
   * @param weight its share of a saturated runtime, against the other tenants' weights
   * @param loadOrNull what it offers of the runtime's capacity, whatever the whole load is; null:
   *     as much of the rest as every other tenant without a load of its own
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Tenant(String name, double weight, @JsonProperty("load") Double loadOrNull) {

    public Tenant {
      if (!(weight > 0) || (loadOrNull != null && !(loadOrNull > 0))) {
        throw new IllegalArgumentException(
            "tenant '%s' has weight %s and load %s; both must be above 0"
                .formatted(name, weight, loadOrNull));
      }
    }

    OptionalDouble load() {
      return loadOrNull == null ? OptionalDouble.empty() : OptionalDouble.of(loadOrNull);
    }
  }

  public TenantMix {
    tenants = List.copyOf(tenants);
    if (tenants.isEmpty()) {
      throw new IllegalArgumentException("a load needs a tenant");
    }
    if (tenants.stream().map(Tenant::name).distinct().count() < tenants.size()) {
      throw new IllegalArgumentException("two tenants have the same name: " + tenants);
    }
  }

  /**
   * Draws a tenant for each request, so that each offers its share: thinning keeps the bursts of
   * the trace in each tenant's requests.
   *
   * @param load the whole load, as a share of the capacity
   */
  public Trace assign(Trace trace, double load, long seed) {
    double fixed = tenants.stream().mapToDouble(tenant -> tenant.load().orElse(0)).sum();
    long floating = tenants.stream().filter(tenant -> tenant.load().isEmpty()).count();
    if (fixed > load || (floating == 0 && fixed < load)) {
      throw new IllegalArgumentException(
          "the tenants offer %s by themselves but the whole load is %s; leave one without a load of its own"
              .formatted(fixed, load));
    }
    double rest = floating == 0 ? 0 : (load - fixed) / floating;
    SplittableRandom random = new SplittableRandom(seed);
    return trace.map(
        request ->
            new TraceRequest(
                request.id(),
                request.arrivalNanos(),
                request.promptTokens(),
                request.newTokens(),
                draw(random.nextDouble() * load, rest)));
  }

  private String draw(double point, double rest) {
    double end = 0;
    for (Tenant tenant : tenants) {
      end += tenant.load().orElse(rest);
      if (point < end) {
        return tenant.name();
      }
    }
    return tenants.get(tenants.size() - 1).name();
  }
}
