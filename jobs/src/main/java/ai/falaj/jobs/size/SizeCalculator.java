package ai.falaj.jobs.size;

import ai.falaj.benchmarks.simulation.cost.Roofline;
import ai.falaj.benchmarks.simulation.cost.StepCosts;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.memory.ModelGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * From a model, a machine and a load to memory, speed, a number of engines and Flink's settings.
 * Stateless.
 */
final class SizeCalculator {

  /** One server's, usually. */
  private static final int MOST_GPUS = 8;

  /** More GPUs for one model are harder to place and to lose; so they have to bring something. */
  private static final double WORTH_MORE_GPUS = 1.05;

  /** Of the best throughput: more sequences than this needs make answers slower for little. */
  private static final double NEARLY_ALL = 0.95;

  /** What each doubling of GPUs that share a model leaves of their joint speed. */
  private static final double DOUBLING_EFFICIENCY = 0.9;

  private SizeCalculator() {}

  /**
   * @throws CliException where nothing fits, or a bound cannot be kept; it says what would help
   */
  static SizeReport size(SizeRequest request) {
    int gpus = request.hardware().isGpu() ? gpus(request) : 0;
    EngineMemory memory = memory(request, gpus);
    int fitting = memory.sequencesThatFit();
    if (fitting == 0) {
      throw CliException.usage(
          "%s of weights and one context of %d tokens do not fit in %s"
              .formatted(
                  MemoryPlan.megabytes(request.geometry().weightBytes()),
                  request.load().contextTokens(),
                  MemoryPlan.megabytes(memory.availableBytes())),
          "give more memory or GPUs, a smaller quantization or a shorter context");
    }
    SpeedModel speeds =
        new SpeedModel(costs(request, memory, gpus), request.engine().graphTokens());
    Speed speed = speeds.of(request.load(), sequences(request, speeds, fitting));
    int engines = engines(request, speed);
    FlinkSize flink =
        request.engine() == EngineKind.VLLM
            ? FlinkSize.withServers(engines, speed.sequences(), request.load())
            : FlinkSize.withModelInside(
                engines, speed.sequences(), memory.hostBytes(speed.sequences()), request.load());
    return new SizeReport(
        model(request),
        new SizeReport.Target(
            request.engine().label(),
            request.hardware().description(),
            gpus,
            (long) request.hardware().memoryBytes(),
            request.hardware().source()),
        load(request.load()),
        report(request, memory, speed.sequences(), fitting),
        speed,
        engines(request, speed, engines, gpus),
        flink,
        SizeSettings.configuration(request, speed, memory, flink),
        request.engine() == EngineKind.VLLM ? SizeSettings.vllmCommand(request, speed, gpus) : null,
        assumptions(request, gpus));
  }

  private static EngineMemory memory(SizeRequest request, int gpus) {
    return request.engine() == EngineKind.VLLM
        ? new VllmMemory(
            request.geometry(), request.load(), request.hardware(), gpus, request.kvType())
        : new LlamaCppMemory(
            request.model(),
            request.geometry(),
            request.load(),
            request.hardware(),
            gpus,
            request.kvType(),
            request.layout());
  }

  /**
   * Those that bring most records per GPU, of 1, 2, 4 and 8: one that the weights nearly fill has
   * room for few records and reads the weights for each few; as many as there may be if none do.
   */
  private static int gpus(SizeRequest request) {
    if (request.gpus().isPresent()) {
      return request.gpus().getAsInt();
    }
    int best = MOST_GPUS;
    double mostPerGpu = 0;
    for (int gpus = 1; gpus <= MOST_GPUS; gpus *= 2) {
      double perGpu = recordsPerSecond(request, gpus) / gpus;
      if (perGpu > mostPerGpu * WORTH_MORE_GPUS) {
        mostPerGpu = perGpu;
        best = gpus;
      }
    }
    return best;
  }

  /** 0 where what is wanted does not fit, or takes too long. */
  private static double recordsPerSecond(SizeRequest request, int gpus) {
    EngineMemory memory = memory(request, gpus);
    int fitting = memory.sequencesThatFit();
    if (fitting < request.sequences().orElse(1)) {
      return 0;
    }
    SpeedModel speeds =
        new SpeedModel(costs(request, memory, gpus), request.engine().graphTokens());
    boolean isTooSlow =
        request.tokenMs().isPresent()
            && speeds.of(request.load(), 1).stepMs() > request.tokenMs().getAsDouble();
    return isTooSlow
        ? 0
        : speeds.of(request.load(), sequences(request, speeds, fitting)).recordsPerSecond();
  }

  /**
   * Several GPUs share each layer in vLLM, and so add up but for what they tell each other; in
   * llama.cpp each has some of the layers, and one computes while the others wait.
   */
  private static StepCosts costs(SizeRequest request, EngineMemory memory, int gpus) {
    ModelGeometry model = request.geometry();
    EngineKind engine = request.engine();
    boolean gpu = request.hardware().isGpu();
    double together =
        engine == EngineKind.VLLM
            ? gpus * Math.pow(DOUBLING_EFFICIENCY, Math.log(gpus) / Math.log(2))
            : 1;
    return new Roofline(
            model.weightBytes(),
            model.parameters(),
            memory.kvBytesPerToken(),
            4.0 * model.layers() * model.queryHeads() * model.keyLength(),
            request.hardware().bytesPerSecond() * together,
            1,
            request.hardware().flopsPerSecond() * together,
            1,
            gpu ? engine.nanosPerGraph() : 0,
            gpu ? engine.nanosPerSample() : 0)
        .toCosts();
  }

  /**
   * The given number; else the fewest that bring nearly all throughput, within the bound of the
   * time per token.
   */
  private static int sequences(SizeRequest request, SpeedModel speeds, int fitting) {
    if (request.sequences().isPresent()) {
      int wanted = request.sequences().getAsInt();
      if (wanted > fitting) {
        throw CliException.usage(
            "--sequences is %d but %d fit".formatted(wanted, fitting),
            "give fewer, a shorter --context, or more memory");
      }
      return wanted;
    }
    int most = fitting;
    if (request.tokenMs().isPresent()) {
      double bound = request.tokenMs().getAsDouble();
      if (speeds.of(request.load(), 1).stepMs() > bound) {
        throw CliException.usage(
            "one record alone takes %.1f ms per token and --token-ms is %s"
                .formatted(speeds.of(request.load(), 1).stepMs(), bound),
            "give a higher bound, faster hardware or a smaller quantization");
      }
      while (most > 1 && speeds.of(request.load(), most).stepMs() > bound) {
        most--;
      }
    }
    double enough = NEARLY_ALL * speeds.of(request.load(), most).recordsPerSecond();
    int fewest = 1;
    while (fewest < most && speeds.of(request.load(), fewest).recordsPerSecond() < enough) {
      fewest++;
    }
    return fewest;
  }

  private static int engines(SizeRequest request, Speed speed) {
    double rate = request.load().recordsPerSecond().orElse(0);
    return Math.max(
        1, (int) Math.ceil(rate / (speed.recordsPerSecond() * request.utilization()) - 1e-9));
  }

  private static SizeReport.Engines engines(
      SizeRequest request, Speed speed, int engines, int gpus) {
    double most = engines * speed.recordsPerSecond();
    Double used =
        request.load().recordsPerSecond().isPresent()
            ? request.load().recordsPerSecond().getAsDouble() / most
            : null;
    return new SizeReport.Engines(engines, engines * gpus, most, used);
  }

  private static SizeReport.Model model(SizeRequest request) {
    ModelGeometry model = request.geometry();
    return new SizeReport.Model(
        request.model(),
        model.quantization(),
        model.parameters(),
        model.layers(),
        model.kvHeadsOfAllLayers(),
        model.keyLength(),
        model.weightBytes());
  }

  private static SizeReport.Load load(Workload load) {
    return new SizeReport.Load(
        load.promptTokens(),
        load.completionTokens(),
        load.cachedShare(),
        load.contextTokens(),
        load.recordsPerSecond().isPresent() ? load.recordsPerSecond().getAsDouble() : null);
  }

  private static SizeReport.Memory report(
      SizeRequest request, EngineMemory memory, int sequences, int fitting) {
    long perToken = memory.kvBytesPerToken();
    long kvTokens = memory.kvTokens(sequences);
    return new SizeReport.Memory(
        request.geometry().weightBytes(),
        perToken,
        kvTokens / sequences * perToken,
        request.load().contextTokens() * perToken,
        kvTokens * perToken,
        fitting,
        request.hardware().isGpu() ? memory.gpuBytes(sequences) : memory.hostBytes(sequences),
        memory.availableBytes(),
        memory.hostBytes(sequences));
  }

  private static List<String> assumptions(SizeRequest request, int gpus) {
    List<String> assumptions = new ArrayList<>();
    assumptions.add(request.hardware().name() + ": " + request.hardware().source());
    if (request.hardware().isGpu()) {
      assumptions.add(request.engine().assumption());
    } else {
      assumptions.add("a processor's cores are as fast together as one by one, up to its socket");
    }
    if (gpus > 1) {
      assumptions.add(
          request.engine() == EngineKind.VLLM
              ? "GPUs that share a model: each doubling leaves 0.9 of their joint speed (assumed)"
              : "llama.cpp gives each GPU some of the layers: more memory, no more speed");
    }
    assumptions.add(
        "a token costs two operations per parameter; each step reads all weights once, and the keys and values of all its records");
    assumptions.add(
        "records come as they are read and are as long as their mean; a load that varies waits more: falaj simulate shows how much");
    return List.copyOf(assumptions);
  }
}
