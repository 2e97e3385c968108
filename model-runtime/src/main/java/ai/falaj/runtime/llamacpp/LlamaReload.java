package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.shared.ModelFileWatcher;
import ai.falaj.runtime.shared.ModelSupply;
import ai.falaj.runtime.shared.ReloadableRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A llama.cpp runtime that follows its model's file: a {@link ReloadableRuntime} and the watcher
 * that asks it to reload. Any thread.
 */
final class LlamaReload implements ModelRuntime {

  private final ReloadableRuntime runtime;
  private final ModelFileWatcher watcher;

  private LlamaReload(ReloadableRuntime runtime, ModelFileWatcher watcher) {
    this.runtime = runtime;
    this.watcher = watcher;
  }

  /**
   * @param interval between two looks at the file
   * @throws RuntimeLoadException as for a runtime that follows nothing
   */
  static LlamaReload open(LlamaCppSpec spec, ProgressListener progress, Duration interval)
      throws RuntimeLoadException {
    Path file = resolve(spec.source());
    ReloadableRuntime[] opened = new ReloadableRuntime[1];
    // Made before the model is loaded, so that a change in the meantime is seen.
    ModelFileWatcher watcher = new ModelFileWatcher(file, () -> opened[0].reload());
    ModelRuntime first = LlamaCppRuntime.open(spec, progress);
    boolean gpu = first.info().gpuLayers() > 0;
    opened[0] = new ReloadableRuntime(first, new Supply(spec, gpu), spec.maxWaiting());
    watcher.start(interval);
    return new LlamaReload(opened[0], watcher);
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    return runtime.submit(request, listener);
  }

  @Override
  public RuntimeInfo info() {
    return runtime.info();
  }

  @Override
  public RuntimeStats stats() {
    return runtime.stats();
  }

  @Override
  public RuntimeHealth health() {
    return runtime.health();
  }

  /** The watcher last: a reload that is under way ends because the runtime is closed. */
  @Override
  public void close() {
    runtime.close();
    watcher.close();
  }

  private static Path resolve(String source) throws RuntimeLoadException {
    try {
      return ModelStore.fromEnvironment().resolve(source);
    } catch (ModelException e) {
      throw new RuntimeLoadException(e.getMessage(), e);
    }
  }

  /** The spec's file, whatever it holds at the moment. */
  private record Supply(LlamaCppSpec spec, boolean gpu) implements ModelSupply {

    @Override
    public ModelRuntime open() throws RuntimeLoadException {
      return LlamaCppRuntime.open(spec, ProgressListener.NONE);
    }

    @Override
    public boolean fitsBeside() throws RuntimeLoadException {
      Optional<String> draftSource = spec.speculation().draftSource();
      Optional<Path> draft =
          draftSource.isPresent() ? Optional.of(resolve(draftSource.get())) : Optional.empty();
      return LoadPlan.fitsNow(spec, resolve(spec.source()), draft, gpu);
    }
  }
}
