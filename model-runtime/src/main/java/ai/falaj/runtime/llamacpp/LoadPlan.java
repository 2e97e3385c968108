package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.ComputeDevice;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.LoraAdapters;
import ai.falaj.runtime.memory.MachineMemory;
import ai.falaj.runtime.memory.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that is decided about a model before its weights are read: what its header allows, where its
 * layers go, and whether there is memory for it. Immutable.
 *
 * @param draft file of the model that speculation asks first
 * @param gpuLayers layers that GPUs compute, the output counted as one; 0 without a GPU
 */
record LoadPlan(
    GgufHeader header,
    ContextSettings context,
    List<LoraAdapters.Source> adapters,
    Optional<Path> draft,
    MemoryPlan memory,
    int gpuLayers) {

  private static final Logger LOG = LoggerFactory.getLogger(LoadPlan.class);

  /**
   * Decides, logs the plan of the memory, and refuses what cannot work.
   *
   * @param draft file of the model that speculation asks first
   * @throws RuntimeLoadException with one line that names the values in conflict and the remedy
   */
  static LoadPlan of(
      LlamaCppSpec spec, Path file, Optional<Path> draft, List<ComputeDevice> devices)
      throws RuntimeLoadException {
    try {
      GgufHeader header = GgufHeader.read(file);
      ContextSettings context = ContextPlan.settings(spec, header);
      List<LoraAdapters.Source> adapters = AdapterFiles.require(spec.adapters(), header);
      MemoryPlanner planner = new MemoryPlanner(spec, header, draftHeader(draft));
      int gpuLayers = gpuLayers(spec, planner, devices);
      MemoryPlan memory = planner.plan(gpuLayers);
      MachineMemory machine = MachineMemory.current();
      LOG.info(
          "Memory plan of model {} ({} available):\n  {}",
          spec.model(),
          MemoryPlan.megabytes(machine.availableBytes()),
          String.join("\n  ", memory.table()));
      MemoryFit fit = new MemoryFit(planner, gpuLayers, machine);
      fit.require();
      if (!fit.fits()) {
        LOG.warn(
            "Model {} may need {} where {} is available; if this process is killed, lower falaj.runtime.context-tokens or falaj.runtime.max-sequences",
            spec.model(),
            MemoryPlan.megabytes(memory.hostBytes()),
            MemoryPlan.megabytes(machine.availableBytes()));
      }
      return new LoadPlan(header, context, adapters, draft, memory, gpuLayers);
    } catch (GgufException e) {
      throw new RuntimeLoadException(e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable(spec, e);
    }
  }

  /**
   * Whether there is memory for it beside what this process holds already. On a GPU there never is:
   * the model that serves took what was free.
   *
   * @throws RuntimeLoadException if it cannot be loaded at all
   */
  static boolean fitsNow(LlamaCppSpec spec, Path file, Optional<Path> draft, boolean gpu)
      throws RuntimeLoadException {
    try {
      GgufHeader header = GgufHeader.read(file);
      ContextPlan.settings(spec, header);
      AdapterFiles.require(spec.adapters(), header);
      MemoryPlanner planner = new MemoryPlanner(spec, header, draftHeader(draft));
      return !gpu && new MemoryFit(planner, 0, MachineMemory.current()).fits();
    } catch (GgufException e) {
      throw new RuntimeLoadException(e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable(spec, e);
    }
  }

  private static RuntimeLoadException unreadable(LlamaCppSpec spec, IOException e) {
    return new RuntimeLoadException(
        "cannot look at the files of model %s (%s); check them and their permissions"
            .formatted(spec.model(), e),
        e);
  }

  private static Optional<GgufHeader> draftHeader(Optional<Path> draft) throws GgufException {
    return draft.isPresent() ? Optional.of(GgufHeader.read(draft.get())) : Optional.empty();
  }

  private static int gpuLayers(
      LlamaCppSpec spec, MemoryPlanner planner, List<ComputeDevice> devices) {
    if (devices.stream().noneMatch(ComputeDevice::isGpu)) {
      if (spec.gpuLayers().orElse(0) > 0) {
        LOG.warn(
            "falaj.runtime.gpu-layers is {} but no GPU is there; model {} runs on the CPU",
            spec.gpuLayers().getAsInt(),
            spec.model());
      }
      return 0;
    }
    int fitting = planner.gpuLayersThatFit(devices);
    int layers = Math.min(spec.gpuLayers().orElse(fitting), planner.mostGpuLayers());
    if (layers > fitting) {
      LOG.warn(
          "falaj.runtime.gpu-layers is {} but about {} fit in the free memory of the GPUs",
          layers,
          fitting);
    } else if (layers < planner.mostGpuLayers()) {
      LOG.warn(
          "{} of {} layers of model {} are on GPUs; the CPU computes the rest, which sets the speed",
          layers,
          planner.mostGpuLayers(),
          spec.model());
    }
    return layers;
  }
}
