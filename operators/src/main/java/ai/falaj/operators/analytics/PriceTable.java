package ai.falaj.operators.analytics;

import java.io.Serializable;
import java.util.Map;
import java.util.Optional;

/**
 * Prices by model name, all in one currency. Immutable.
 *
 * @param prices by the name that completions have for the model
 */
public record PriceTable(Map<String, Price> prices) implements Serializable {

  public PriceTable {
    prices = Map.copyOf(prices);
  }

  /** Empty where the model has no price. */
  public Optional<Price> of(String model) {
    return Optional.ofNullable(prices.get(model));
  }
}
