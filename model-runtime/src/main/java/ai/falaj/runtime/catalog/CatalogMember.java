package ai.falaj.runtime.catalog;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.shared.RuntimeLease;

/** One model of a catalog and the lease that keeps it loaded. Any thread. */
final class CatalogMember {

  private final String name;
  private final String ownName;
  private final RuntimeLease lease;
  private final ModelRuntime runtime;

  /**
   * @param name in the catalog
   * @param ownName what the runtime itself calls its model
   */
  CatalogMember(String name, String ownName, RuntimeLease lease) {
    this.name = name;
    this.ownName = ownName;
    this.lease = lease;
    this.runtime = lease.runtime();
  }

  String name() {
    return name;
  }

  ModelRuntime runtime() {
    return runtime;
  }

  RuntimeInfo info() {
    return named(runtime.info());
  }

  /**
   * Calls the member's model as the catalog does. What stands behind it, such as one of several
   * servers, keeps its name.
   */
  RuntimeInfo named(RuntimeInfo info) {
    return info.model().equals(ownName) ? info.named(name) : info;
  }

  /** Gives the lease back; a runtime that failed is loaded anew for whoever acquires it next. */
  void close() {
    if (runtime.health().state() == RuntimeHealth.State.FAILED) {
      lease.discard();
    } else {
      lease.close();
    }
  }
}
