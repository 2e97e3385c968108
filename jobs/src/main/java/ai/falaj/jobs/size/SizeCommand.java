package ai.falaj.jobs.size;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.KvType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj size}: what a load needs, before there is any of it. */
@Command(
    name = "size",
    description = "Reckon memory, speed, machines and settings for a model and a load.")
public final class SizeCommand extends FalajCommand {

  private static final int CONTEXT_ROUNDING = 1_024;
  private static final double CONTEXT_ROOM = 1.5;
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;

  @Mixin private ModelChoice model;

  @Option(
      names = "--on",
      paramLabel = "HARDWARE",
      required = true,
      description =
          "What computes: b200, h200, h200-nvl, h100, h100-pcie, a100, a100-40, l40s, rtx-6000-ada,"
              + " l4, mi300x, cpu-avx512, cpu-amx.")
  private String hardware;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description =
          "LLAMA_CPP in the TaskManager, or VLLM in servers of its own (default: VLLM on GPUs).")
  private EngineKind engine;

  @Option(
      names = "--gpus",
      paramLabel = "N",
      description = "GPUs that share one model (default: those that bring most per GPU).")
  private Integer gpus;

  @Option(
      names = "--cores",
      paramLabel = "N",
      description = "Cores that compute; leave one of the machine's to Flink.")
  private Integer cores;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory of the TaskManager's process on a processor, such as 64g.")
  private String memory;

  @Option(
      names = "--bandwidth",
      paramLabel = "GB/S",
      description = "What the engine was measured to read per second, in place of the table's.")
  private Double bandwidth;

  @Option(
      names = "--tflops",
      paramLabel = "N",
      description = "What the engine was measured to compute, in place of the table's.")
  private Double tflops;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      description = "Mean prompt of a record, in tokens.")
  private Double promptTokens;

  @Option(
      names = "--completion-tokens",
      paramLabel = "N",
      description = "Mean completion of a record, reasoning included, in tokens.")
  private Double completionTokens;

  @Option(
      names = "--sample",
      paramLabel = "FILE",
      description =
          "Take the lengths from JSON lines: completions of falaj consume --json, usage, or texts,"
              + " which the model's tokenizer counts where its file is here.")
  private Path sample;

  @Option(
      names = "--cached",
      paramLabel = "SHARE",
      description =
          "Share of the prompt tokens that other records begin with too, 0 to 1 (default: the"
              + " sample's, or 0).")
  private Double cachedShare;

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      description = "Longest record (default: half as much again as the mean, or the sample's).")
  private Integer contextTokens;

  @Option(
      names = "--rate",
      paramLabel = "N/UNIT",
      description =
          "Records per s, min, h or day, such as 3M/day (default: what one engine can do).")
  private String rate;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description =
          "Records at once in one engine (default: the fewest that bring nearly all throughput).")
  private Integer sequences;

  @Option(
      names = "--token-ms",
      paramLabel = "MS",
      description = "Longest time per token of a record; bounds the records at once.")
  private Double tokenMs;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      defaultValue = "F16",
      description = "Number format of keys and values (default: ${DEFAULT-VALUE}).")
  private KvType kvType;

  @Option(
      names = "--kv-layout",
      paramLabel = "LAYOUT",
      description =
          "PER_SEQUENCE or SHARED in llama.cpp (default: SHARED on GPUs, where memory is dear).")
  private KvLayout layout;

  @Option(
      names = "--utilization",
      paramLabel = "SHARE",
      defaultValue = "0.7",
      description =
          "Share of the throughput to plan with; the rest is for bursts (default: ${DEFAULT-VALUE}).")
  private double utilization;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, IOException, InterruptedException {
    SizeReport report;
    try {
      report = SizeCalculator.size(request(console));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    if (console.isJson()) {
      console.json(report);
    } else {
      SizeText.lines(report).forEach(console::say);
    }
    return ExitCodes.OK;
  }

  private SizeRequest request(Console console)
      throws RuntimeLoadException, IOException, InterruptedException {
    HardwareCatalogue.Entry entry = entry();
    boolean gpu = entry.kind() == Hardware.Kind.GPU;
    EngineKind kind = engine != null ? engine : gpu ? EngineKind.VLLM : EngineKind.LLAMA_CPP;
    ModelChoice.Chosen chosen = model.choose(kind);
    requirePositive("--sequences", sequences);
    requirePositive("--gpus", gpus);
    return new SizeRequest(
        chosen.name(),
        chosen.geometry(),
        kind,
        machine(entry, kind),
        optional(gpu ? null : cores),
        optional(gpus),
        load(console, chosen),
        kvType,
        layout != null ? layout : gpu ? KvLayout.SHARED : KvLayout.PER_SEQUENCE,
        optional(sequences),
        optional(tokenMs, 1),
        utilization);
  }

  private HardwareCatalogue.Entry entry() {
    HardwareCatalogue catalogue = HardwareCatalogue.bundled();
    return catalogue
        .find(hardware)
        .orElseThrow(
            () ->
                CliException.usage(
                    "--on is " + hardware,
                    "name one of "
                        + String.join(", ", catalogue.names())
                        + ", the nearest with --bandwidth and --tflops where yours is not there"));
  }

  private Hardware machine(HardwareCatalogue.Entry entry, EngineKind kind) {
    OptionalDouble bytesPerSecond = optional(bandwidth, GIGA);
    OptionalDouble flopsPerSecond = optional(tflops, TERA);
    if (entry.kind() == Hardware.Kind.GPU) {
      return entry.gpu(kind).withMeasured(bytesPerSecond, flopsPerSecond);
    }
    if (cores == null || memory == null) {
      throw CliException.usage(
          entry.name() + " has as many cores and as much memory as it is given",
          "give --cores and --memory");
    }
    requirePositive("--cores", cores);
    return entry
        .processor(cores, MemorySize.parse(memory).getBytes())
        .withMeasured(bytesPerSecond, flopsPerSecond);
  }

  private Workload load(Console console, ModelChoice.Chosen chosen)
      throws IOException, RuntimeLoadException, InterruptedException {
    TokenSample lengths = sample == null ? null : sampled(console, chosen);
    double prompt =
        mean("--prompt-tokens", promptTokens, lengths == null ? null : lengths.promptTokens());
    double completion =
        mean(
            "--completion-tokens",
            completionTokens,
            lengths == null || lengths.completionTokens().isEmpty()
                ? null
                : lengths.completionTokens().getAsDouble());
    int longest =
        lengths == null || lengths.completionTokens().isEmpty()
            ? (int) Math.ceil(CONTEXT_ROOM * (prompt + completion))
            : lengths.longestTokens();
    return new Workload(
        prompt,
        completion,
        cachedShare != null ? cachedShare : lengths == null ? 0 : lengths.cachedShare().orElse(0),
        contextTokens != null ? contextTokens : rounded(longest),
        rate == null
            ? OptionalDouble.empty()
            : OptionalDouble.of(Quantities.perSecond("--rate", rate)));
  }

  private TokenSample sampled(Console console, ModelChoice.Chosen chosen)
      throws IOException, RuntimeLoadException, InterruptedException {
    if (!Files.isReadable(sample) || Files.isDirectory(sample)) {
      throw CliException.usage(sample + " cannot be read", "name a file of JSON lines");
    }
    try (TokenCounter counter =
        chosen.file().isPresent()
            ? TokenCounter.of(chosen.file().get())
            : TokenCounter.estimating()) {
      TokenSample lengths = TokenSample.read(sample, counter);
      console.note(
          "%,d records of %s; texts are %s"
              .formatted(
                  lengths.records(),
                  sample,
                  counter.isExact()
                      ? "counted by the model's tokenizer"
                      : "estimated at 3 bytes per token, as the model's file is not here"));
      return lengths;
    }
  }

  /** The option over the sample. */
  private static double mean(String option, Double given, Double sampled) {
    if (given == null && sampled == null) {
      throw CliException.usage(option + " is missing", "give it, or a --sample that tells");
    }
    return given != null ? given : sampled;
  }

  private static int rounded(int tokens) {
    return (tokens + CONTEXT_ROUNDING - 1) / CONTEXT_ROUNDING * CONTEXT_ROUNDING;
  }

  private static void requirePositive(String option, Integer value) {
    if (value != null && value < 1) {
      throw CliException.usage(option + " is " + value, "give 1 or more");
    }
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static OptionalDouble optional(Double value, double unit) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value * unit);
  }
}
