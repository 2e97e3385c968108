package ai.falaj.operators;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeInfo;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The models that a runtime serves, by the name that requests use, as they were when the operator
 * opened. Immutable.
 */
final class ServedModels {

  private final Map<String, RuntimeInfo> byName = new LinkedHashMap<>();
  private final RuntimeInfo standard;

  private ServedModels(List<RuntimeInfo> models) {
    models.forEach(model -> byName.put(model.model(), model));
    standard = models.get(0);
  }

  static ServedModels of(ModelRuntime runtime) {
    return new ServedModels(runtime.models());
  }

  /** One model and no other. */
  static ServedModels of(RuntimeInfo model) {
    return new ServedModels(List.of(model));
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  /** The model of a name that is served, or of no name. */
  RuntimeInfo of(Optional<String> name) {
    return name.isEmpty() ? standard : byName.get(name.get());
  }

  Collection<String> names() {
    return byName.keySet();
  }
}
