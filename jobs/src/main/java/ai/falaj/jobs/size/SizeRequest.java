package ai.falaj.jobs.size;

import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.KvType;
import ai.falaj.runtime.memory.ModelGeometry;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What is to be sized.
 *
 * @param model as {@code falaj.model} names it, or for a server its repository
 * @param gpus of one engine; absent: as few as hold it
 * @param sequences of one engine; absent: the fewest that bring nearly all of its throughput
 * @param tokenMs bound of the time per token of each record; absent: none
 * @param utilization of the engines' throughput that the load may take, above 0 to 1
 */
record SizeRequest(
    String model,
    ModelGeometry geometry,
    EngineKind engine,
    Hardware hardware,
    OptionalInt cores,
    OptionalInt gpus,
    Workload load,
    KvType kvType,
    KvLayout layout,
    OptionalInt sequences,
    OptionalDouble tokenMs,
    double utilization) {

  SizeRequest {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(geometry, "geometry");
    Objects.requireNonNull(engine, "engine");
    Objects.requireNonNull(hardware, "hardware");
    Objects.requireNonNull(load, "load");
    Objects.requireNonNull(kvType, "kvType");
    Objects.requireNonNull(layout, "layout");
    if (!(utilization > 0 && utilization <= 1)) {
      throw new IllegalArgumentException(
          "the utilization is %s; it must be above 0 and at most 1".formatted(utilization));
    }
    if (engine == EngineKind.VLLM && !hardware.isGpu()) {
      throw new IllegalArgumentException(
          "vLLM is sized for GPUs and %s is none; give --engine llama_cpp"
              .formatted(hardware.name()));
    }
    if (engine == EngineKind.VLLM && kvType.isQuantized() && kvType != KvType.Q8_0) {
      throw new IllegalArgumentException(
          "vLLM keeps keys and values in 16 or 8 bits; give --kv-type F16 or Q8_0, not " + kvType);
    }
    if (gpus.isPresent() && !hardware.isGpu()) {
      throw new IllegalArgumentException(
          "--gpus is %d and %s is a processor; leave it out"
              .formatted(gpus.getAsInt(), hardware.name()));
    }
  }
}
