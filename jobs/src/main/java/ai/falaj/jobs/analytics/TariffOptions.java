package ai.falaj.jobs.analytics;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.analytics.Budget;
import ai.falaj.operators.analytics.Price;
import ai.falaj.operators.analytics.PriceTable;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * What models cost and what tenants may spend: options with the model's or the tenant's name in the
 * key. Names may have dots; the last one ends the name. All money is in one currency, which has no
 * name here.
 */
public final class TariffOptions {

  static final String PRICES_PREFIX = AnalyticsOptions.PREFIX + "prices.";
  static final String BUDGETS_PREFIX = AnalyticsOptions.PREFIX + "budgets.";

  private static final String PROMPT = ".prompt";
  private static final String CACHED = ".cached";
  private static final String COMPLETION = ".completion";
  private static final String TOKENS = ".tokens";
  private static final String COST = ".cost";

  /** A billionth of the currency is the smallest amount that is counted. */
  private static final int NANOS_SCALE = 9;

  private TariffOptions() {}

  static ConfigOption<String> promptPrice(String model) {
    return key(PRICES_PREFIX + model + PROMPT)
        .stringType()
        .noDefaultValue()
        .withDescription(
            "Price of a million prompt tokens of the model, as a decimal number. A model without"
                + " prices costs nothing that is known, which is not the same as nothing.");
  }

  static ConfigOption<String> cachedPrice(String model) {
    return key(PRICES_PREFIX + model + CACHED)
        .stringType()
        .noDefaultValue()
        .withDescription(
            "The same of prompt tokens that were cached. Default: that of the others.");
  }

  static ConfigOption<String> completionPrice(String model) {
    return key(PRICES_PREFIX + model + COMPLETION)
        .stringType()
        .noDefaultValue()
        .withDescription("The same of completion tokens, reasoning included.");
  }

  static ConfigOption<Long> tokenBudget(String tenant) {
    return key(BUDGETS_PREFIX + tenant + TOKENS)
        .longType()
        .noDefaultValue()
        .withDescription(
            "Prompt and completion tokens that the tenant may use in a period. Nothing is refused"
                + " when they are used up; falaj.tenants.<name>.budget-tokens does that.");
  }

  static ConfigOption<String> costBudget(String tenant) {
    return key(BUDGETS_PREFIX + tenant + COST)
        .stringType()
        .noDefaultValue()
        .withDescription("What the tenant may spend in a period, as a decimal number.");
  }

  /** As the documentation shows them. */
  public static List<ConfigOption<?>> documented() {
    return List.of(
        promptPrice("<model>"),
        cachedPrice("<model>"),
        completionPrice("<model>"),
        tokenBudget("<tenant>"),
        costBudget("<tenant>"));
  }

  /** Whether a key is an option of some model or tenant. */
  static boolean isOption(String key) {
    return nameIn(key, PRICES_PREFIX, PROMPT, CACHED, COMPLETION).isPresent()
        || nameIn(key, BUDGETS_PREFIX, TOKENS, COST).isPresent();
  }

  /**
   * @throws IllegalArgumentException with one line that names the option, its value and the remedy
   */
  static PriceTable prices(ReadableConfig config) {
    Map<String, Price> prices = new HashMap<>();
    for (String model : names(config, PRICES_PREFIX, PROMPT, CACHED, COMPLETION)) {
      prices.put(model, price(config, model));
    }
    return new PriceTable(prices);
  }

  private static Price price(ReadableConfig config, String model) {
    BigDecimal prompt = required(config, promptPrice(model), completionPrice(model));
    BigDecimal completion = required(config, completionPrice(model), promptPrice(model));
    BigDecimal cached = decimal(config, cachedPrice(model)).orElse(prompt);
    try {
      return new Price(prompt, cached, completion);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          e.getMessage() + "; correct " + PRICES_PREFIX + model + ".*", e);
    }
  }

  private static BigDecimal required(
      ReadableConfig config, ConfigOption<String> option, ConfigOption<String> other) {
    return decimal(config, option)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s is not set, but the model has a price; set it beside %s"
                        .formatted(option.key(), other.key())));
  }

  /**
   * @throws IllegalArgumentException with one line that names the option, its value and the remedy
   */
  static Map<String, Budget> budgets(ReadableConfig config) {
    Map<String, Budget> budgets = new TreeMap<>();
    for (String tenant : names(config, BUDGETS_PREFIX, TOKENS, COST)) {
      long tokens = config.getOptional(tokenBudget(tenant)).orElse(0L);
      long costNanos = decimal(config, costBudget(tenant)).map(TariffOptions::nanos).orElse(0L);
      if (tokens <= 0 && costNanos <= 0) {
        throw new IllegalArgumentException(
            "the budget of tenant '%s' is nothing; set %s or %s above 0, or remove them"
                .formatted(tenant, tokenBudget(tenant).key(), costBudget(tenant).key()));
      }
      budgets.put(tenant, new Budget(Math.max(0, tokens), Math.max(0, costNanos)));
    }
    return budgets;
  }

  private static long nanos(BigDecimal amount) {
    return amount.movePointRight(NANOS_SCALE).longValue();
  }

  private static Optional<BigDecimal> decimal(ReadableConfig config, ConfigOption<String> option) {
    return config
        .getOptional(option)
        .map(
            text -> {
              try {
                return new BigDecimal(text.strip());
              } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                    "%s is '%s'; give a decimal number, such as 0.60".formatted(option.key(), text),
                    e);
              }
            });
  }

  private static Set<String> names(ReadableConfig config, String prefix, String... suffixes) {
    Set<String> names = new TreeSet<>();
    config.toMap().keySet().forEach(key -> nameIn(key, prefix, suffixes).ifPresent(names::add));
    return names;
  }

  private static Optional<String> nameIn(String key, String prefix, String... suffixes) {
    return Stream.of(suffixes)
        .filter(suffix -> key.startsWith(prefix) && key.endsWith(suffix))
        .filter(suffix -> key.length() > prefix.length() + suffix.length())
        .map(suffix -> key.substring(prefix.length(), key.length() - suffix.length()))
        .filter(name -> !name.isBlank())
        .findFirst();
  }
}
