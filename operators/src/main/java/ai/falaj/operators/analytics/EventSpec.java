package ai.falaj.operators.analytics;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How records become usage events.
 *
 * @param prices of models
 * @param templateMetadata key of the metadata that names a prompt's template
 * @param labels where answers have them
 * @param maxAhead records whose time is further ahead of this machine's clock are left out: one of
 *     them would close all windows of the records that come after it
 */
public record EventSpec(
    PriceTable prices, String templateMetadata, LabelField labels, Duration maxAhead)
    implements Serializable {

  public EventSpec {
    Objects.requireNonNull(prices, "prices");
    Objects.requireNonNull(templateMetadata, "templateMetadata");
    Objects.requireNonNull(labels, "labels");
    if (maxAhead.isNegative()) {
      throw new IllegalArgumentException(
          "records may be %d ms ahead; give 0 or more".formatted(maxAhead.toMillis()));
    }
  }
}
