package ai.falaj.jobs.size;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * What a load needs: the document of {@code falaj size --json}.
 *
 * @param configuration of Flink and the job, in Flink's names
 * @param server how one server is started, where models are in servers
 * @param assumptions what the figures stand on, and where it comes from
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SizeReport(
    Model model,
    Target target,
    Load load,
    Memory memory,
    Speed speed,
    Engines engines,
    FlinkSize flink,
    Map<String, String> configuration,
    String server,
    List<String> assumptions) {

  /** The model. */
  record Model(
      String name,
      String quantization,
      long parameters,
      int layers,
      long kvHeadsOfAllLayers,
      int headLength,
      long weightBytes) {}

  /**
   * The machine of one engine.
   *
   * @param gpus 0: its processor computes
   */
  record Target(String engine, String hardware, int gpus, long memoryBytes, String source) {}

  /** The load, in means per record. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Load(
      double promptTokens,
      double completionTokens,
      double cachedShare,
      int contextTokens,
      Double recordsPerSecond) {}

  /**
   * Memory of one engine.
   *
   * @param kvBytesPerSequence as the engine reserves it for a record
   * @param kvBytesPerContext for one of full length
   * @param modelBytes all that the model takes where it computes, with these sequences
   * @param availableBytes of that memory
   * @param hostBytes what it takes of the TaskManager's process
   */
  record Memory(
      long weightBytes,
      long kvBytesPerToken,
      long kvBytesPerSequence,
      long kvBytesPerContext,
      long kvBytes,
      int sequencesThatFit,
      long modelBytes,
      long availableBytes,
      long hostBytes) {}

  /**
   * How many of them.
   *
   * @param utilization of their throughput that the load takes; absent where it has no rate
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Engines(int count, int gpus, double recordsPerSecond, Double utilization) {}
}
