package ai.falaj.operators.analytics;

import java.util.Objects;

/**
 * The smallest group: records that have all names in common.
 *
 * @param attributed false: chunks, which belong to no tenant, model or template
 */
public record Cell(boolean attributed, String tenant, String model, String template) {

  static final Cell UNATTRIBUTED = new Cell(false, "", "", "");

  public Cell {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(template, "template");
  }

  static Cell of(UsageEvent event) {
    return event.fact() instanceof UsageEvent.Streamed
        ? UNATTRIBUTED
        : new Cell(true, event.tenant(), event.model(), event.template());
  }
}
