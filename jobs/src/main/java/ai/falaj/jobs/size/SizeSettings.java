package ai.falaj.jobs.size;

import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.KvType;
import java.util.LinkedHashMap;
import java.util.Map;

/** Settings of Flink, the job and a server, as their own documents name them. Stateless. */
final class SizeSettings {

  private static final String SERVED_NAME = "served";

  private SizeSettings() {}

  /** In the order in which a person reads them. */
  static Map<String, String> configuration(
      SizeRequest request, Speed speed, EngineMemory memory, FlinkSize flink) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("parallelism.default", Integer.toString(flink.parallelism()));
    settings.put("taskmanager.numberOfTaskSlots", Integer.toString(flink.slotsPerTaskManager()));
    settings.put("taskmanager.memory.process.size", mebibytes(flink.processBytes()));
    settings.put("taskmanager.memory.task.off-heap.size", mebibytes(flink.taskOffHeapBytes()));
    settings.put("taskmanager.memory.managed.size", mebibytes(flink.managedBytes()));
    settings.put("taskmanager.memory.network.min", mebibytes(flink.networkBytes()));
    settings.put("taskmanager.memory.network.max", mebibytes(flink.networkBytes()));
    if (request.engine() == EngineKind.VLLM) {
      String model = "falaj.models." + SERVED_NAME + ".";
      settings.put(model + "engine", "vllm");
      settings.put(model + "model", request.model());
      settings.put(model + "base-url", "http://VLLM:8000/v1");
    } else {
      embedded(request, speed, memory, settings);
    }
    settings.put("falaj.inference.max-in-flight", Integer.toString(flink.requestsInFlight()));
    settings.put("falaj.inference.max-in-flight-tokens", Long.toString(flink.tokensInFlight()));
    return settings;
  }

  private static void embedded(
      SizeRequest request, Speed speed, EngineMemory memory, Map<String, String> settings) {
    settings.put("falaj.model", request.model());
    settings.put("falaj.runtime.context-tokens", Integer.toString(request.load().contextTokens()));
    settings.put("falaj.runtime.max-sequences", Integer.toString(speed.sequences()));
    request
        .cores()
        .ifPresent(cores -> settings.put("falaj.runtime.threads", Integer.toString(cores)));
    if (request.layout() == KvLayout.SHARED) {
      settings.put("falaj.runtime.kv.layout", KvLayout.SHARED.name());
      settings.put(
          "falaj.runtime.kv.pool-tokens", Long.toString(memory.kvTokens(speed.sequences())));
    }
    if (request.kvType() != KvType.F16) {
      settings.put("falaj.runtime.kv.key-type", request.kvType().name());
      settings.put("falaj.runtime.kv.value-type", request.kvType().name());
    }
  }

  /** How one server is started. */
  static String vllmCommand(SizeRequest request, Speed speed, int gpus) {
    StringBuilder command = new StringBuilder("vllm serve ").append(request.model());
    command.append(" --tensor-parallel-size ").append(gpus);
    command.append(" --max-model-len ").append(request.load().contextTokens());
    command.append(" --max-num-seqs ").append(speed.sequences());
    if (request.kvType() == KvType.Q8_0) {
      command.append(" --kv-cache-dtype fp8");
    }
    return command.toString();
  }

  private static String mebibytes(long bytes) {
    return bytes / FlinkSize.MIB + "m";
  }
}
