package ai.falaj.jobs.cli.doctor;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelReference;
import ai.falaj.runtime.models.ModelStore;
import java.nio.file.Path;
import java.util.Optional;

/** Whether the default model is here and whole. */
final class ModelCheck implements Check {

  private static final String NAME = "model";

  private final String model;

  ModelCheck(String model) {
    this.model = model;
  }

  @Override
  public CheckResult run() {
    try {
      ModelStore store = ModelStore.fromEnvironment();
      ModelReference reference = store.catalogue().reference(model);
      Optional<Path> file = store.find(reference);
      if (file.isEmpty()) {
        return CheckResult.ok(
            NAME,
            String.format(
                "%s is not here yet; the first use downloads it (%d MB)",
                reference, reference.file().bytes() / 1_000_000));
      }
      return CheckResult.ok(NAME, reference + " at " + GgufHeader.read(file.get()).file());
    } catch (ModelException e) {
      return CheckResult.fail(NAME, "cannot be looked for", e.getMessage());
    } catch (RuntimeLoadException e) {
      return CheckResult.fail(NAME, model + " is damaged", e.getMessage());
    }
  }
}
