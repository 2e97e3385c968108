package ai.falaj.jobs.dashboard.view;

import java.util.List;
import java.util.Map;

/**
 * Who asked how much, and which budgets were reached.
 *
 * @param budgets rows of the topic of budget alerts
 * @param currencyScale units of a budget's COST per unit of the currency
 */
public record TenantsView(
    List<Tenant> tenants, List<Map<String, Object>> budgets, long currencyScale) {

  /** One tenant since reading started; the one without a name is empty. */
  public record Tenant(
      String tenant,
      long requests,
      long deadLetters,
      int running,
      long promptTokens,
      long cachedTokens,
      long reasoningTokens,
      long completionTokens,
      Long lastAt,
      List<Minute> minutes) {}

  /** Completions of a minute of event time; tokens are prompt and completion tokens. */
  public record Minute(long start, long requests, long tokens) {}
}
