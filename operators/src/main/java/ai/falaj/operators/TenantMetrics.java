package ai.falaj.operators;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Tokens by tenant: {@code prompt_tokens_total} and {@code generation_tokens_total} in a group
 * {@code tenant}. Names of tenants come from clients, and a metric once registered stays, so the
 * first {@value #MAX_TENANTS} tenants of a subtask have counters of their own and all later ones,
 * like those with names that are too long for a label, share those of {@value #OTHERS}. Requests
 * without a tenant count for {@value #UNNAMED}. Confined to the task mailbox thread.
 */
final class TenantMetrics {

  static final int MAX_TENANTS = 100;
  static final int MAX_NAME_CHARS = 64;
  static final String OTHERS = "_others";
  static final String UNNAMED = "_unnamed";

  private final MetricGroup group;
  private final Map<String, Tokens> byTenant = new HashMap<>();
  private Tokens others;

  TenantMetrics(MetricGroup group) {
    this.group = group;
  }

  Tokens of(Optional<String> tenant) {
    String name = tenant.orElse(UNNAMED);
    Tokens known = byTenant.get(name);
    if (known != null) {
      return known;
    }
    if (byTenant.size() >= MAX_TENANTS || name.length() > MAX_NAME_CHARS || name.equals(OTHERS)) {
      others = others == null ? new Tokens(group.addGroup("tenant", OTHERS)) : others;
      return others;
    }
    Tokens tokens = new Tokens(group.addGroup("tenant", name));
    byTenant.put(name, tokens);
    return tokens;
  }

  /** Of one tenant, or of all others. */
  static final class Tokens {
    private final Counter prompt;
    private final Counter generation;

    private Tokens(MetricGroup group) {
      prompt = group.counter("prompt_tokens_total");
      generation = group.counter("generation_tokens_total");
    }

    /** Cached prompt tokens included. */
    void read(int tokens) {
      prompt.inc(tokens);
    }

    void generated(int tokens) {
      generation.inc(tokens);
    }
  }
}
