package ai.falaj.operators.analytics;

/** Which names the records of a row have in common. */
public enum Grouping {
  /** None: the row is about everything. */
  ALL(false, false, false),
  TENANT(true, false, false),
  MODEL(false, true, false),
  TEMPLATE(false, false, true),
  TENANT_MODEL_TEMPLATE(true, true, true);

  private final boolean byTenant;
  private final boolean byModel;
  private final boolean byTemplate;

  Grouping(boolean byTenant, boolean byModel, boolean byTemplate) {
    this.byTenant = byTenant;
    this.byModel = byModel;
    this.byTemplate = byTemplate;
  }

  boolean byTenant() {
    return byTenant;
  }

  boolean byModel() {
    return byModel;
  }

  boolean byTemplate() {
    return byTemplate;
  }

  /** How many names a group has. */
  int names() {
    return (byTenant ? 1 : 0) + (byModel ? 1 : 0) + (byTemplate ? 1 : 0);
  }
}
