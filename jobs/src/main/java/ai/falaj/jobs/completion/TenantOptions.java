package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.runtime.scheduler.TenantShare;
import ai.falaj.runtime.scheduler.TokenBudget;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * What tenants are entitled to: options with the tenant's name in the key, as Flink names its
 * metric reporters. A tenant that is not configured has weight 1 and no budget. Names may have
 * dots; the last one ends the name.
 */
public final class TenantOptions {

  /** Of every option here. */
  public static final String PREFIX = "falaj.tenants.";

  /** Stands for a tenant's name in the documentation. */
  static final String PLACEHOLDER = "<name>";

  private static final String WEIGHT = ".weight";
  private static final String BUDGET_TOKENS = ".budget-tokens";
  private static final String BUDGET_WINDOW = ".budget-window";
  private static final List<String> SUFFIXES = List.of(WEIGHT, BUDGET_TOKENS, BUDGET_WINDOW);

  private TenantOptions() {}

  public static ConfigOption<Double> weight(String tenant) {
    return key(PREFIX + tenant + WEIGHT)
        .doubleType()
        .defaultValue(1.0)
        .withDescription(
            "Tokens that the tenant gets for each token of a tenant of weight 1 while both have"
                + " requests waiting; above 0, at most "
                + (int) TenantShare.MAX_WEIGHT
                + ".");
  }

  public static ConfigOption<Long> budgetTokens(String tenant) {
    return key(PREFIX + tenant + BUDGET_TOKENS)
        .longType()
        .noDefaultValue()
        .withDescription(
            "Prompt and completion tokens that the tenant may use in a window of time, on each"
                + " TaskManager. Requests beyond it wait for the next window; one that alone wants"
                + " more becomes a dead letter. Default: no limit.");
  }

  public static ConfigOption<Duration> budgetWindow(String tenant) {
    return key(PREFIX + tenant + BUDGET_WINDOW)
        .durationType()
        .defaultValue(Duration.ofMinutes(1))
        .withDescription(
            "The window of the budget. Shorter spreads the tenant's load more evenly, longer lets"
                + " it come in bursts.");
  }

  /** As the documentation shows them. */
  static List<ConfigOption<?>> documented() {
    return List.of(weight(PLACEHOLDER), budgetTokens(PLACEHOLDER), budgetWindow(PLACEHOLDER));
  }

  /** Whether a key is an option of some tenant. */
  static boolean isOption(String key) {
    return tenantOf(key).isPresent();
  }

  /**
   * The tenants that are configured, by name.
   *
   * @throws IllegalArgumentException with one line that names the option, its value and the remedy
   */
  static List<TenantShare> shares(ReadableConfig config) {
    Set<String> tenants = new TreeSet<>();
    config.toMap().keySet().forEach(key -> tenantOf(key).ifPresent(tenants::add));
    return tenants.stream().map(tenant -> share(config, tenant)).toList();
  }

  private static Optional<String> tenantOf(String key) {
    return SUFFIXES.stream()
        .filter(suffix -> key.startsWith(PREFIX) && key.endsWith(suffix))
        .map(
            suffix ->
                key.substring(
                    PREFIX.length(), Math.max(PREFIX.length(), key.length() - suffix.length())))
        .filter(name -> !name.isBlank())
        .findFirst();
  }

  private static TenantShare share(ReadableConfig config, String tenant) {
    Optional<Long> tokens = config.getOptional(budgetTokens(tenant));
    Optional<Duration> window = config.getOptional(budgetWindow(tenant));
    if (tokens.isEmpty() && window.isPresent()) {
      throw new IllegalArgumentException(
          "%s is set and %s is not; set both, or neither"
              .formatted(budgetWindow(tenant).key(), budgetTokens(tenant).key()));
    }
    try {
      TokenBudget budget =
          tokens.isEmpty() ? null : new TokenBudget(tokens.get(), config.get(budgetWindow(tenant)));
      return new TenantShare(tenant, config.get(weight(tenant)), budget);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + "; correct " + PREFIX + tenant + ".*", e);
    }
  }
}
