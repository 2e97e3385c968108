package ai.falaj.jobs.cli;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.KvType;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.MemoryPlanner;
import ai.falaj.runtime.memory.MachineMemory;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.models.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code falaj model info}: what the header of a model's file says, and what memory it would take.
 */
@Command(name = "info", description = "Describe a model's file and the memory it needs.")
final class ModelInfoCommand extends FalajCommand {

  private static final int DEFAULT_BATCH_TOKENS = 2048;

  @Parameters(paramLabel = "NAME|FILE", description = "A downloaded model's name, or a .gguf file.")
  private String nameOrPath;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Generations at once, for the memory (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      defaultValue = "2048",
      description = "Tokens of each generation, for the memory (default: ${DEFAULT-VALUE}).")
  private int contextTokens;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      defaultValue = "F16",
      description =
          "Number format of keys and values, for the memory: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private KvType kvType;

  @Option(
      names = "--gpu-layers",
      paramLabel = "N",
      defaultValue = "0",
      description = "Layers on GPUs, for the memory (default: ${DEFAULT-VALUE}).")
  private int gpuLayers;

  /** As {@code --json} prints it. */
  record Info(
      String file,
      long fileBytes,
      String name,
      String architecture,
      String quantization,
      long parameters,
      int layers,
      int contextTokens,
      int vocabulary,
      boolean chatTemplate,
      long kvBytesPerToken,
      long memoryBytes,
      List<MemoryPart> memory) {}

  /** A line of the memory plan. */
  record MemoryPart(String part, String detail, long hostBytes, long gpuBytes) {}

  @Override
  protected int run(Console console) throws RuntimeLoadException, IOException {
    if (sequences < 1 || contextTokens < 1) {
      throw CliException.usage(
          "--sequences is " + sequences + " and --context " + contextTokens,
          "give both a positive number");
    }
    Path file = ModelStore.fromEnvironment().resolve(nameOrPath);
    GgufHeader header = GgufHeader.read(file);
    MemoryPlan plan = plan(header);
    Info info = info(file, header, plan);
    if (console.isJson()) {
      console.json(info);
      return ExitCodes.OK;
    }
    console.say(info.name() + " (" + info.architecture() + ", " + info.quantization() + ")");
    console.say("  file        " + file + ", " + Amounts.bytes(info.fileBytes()));
    console.say(
        "  parameters  " + Amounts.count(info.parameters()) + " in " + info.layers() + " layers");
    console.say("  context     " + info.contextTokens() + " tokens");
    console.say("  vocabulary  " + info.vocabulary() + " tokens");
    console.say("  chat        " + (info.chatTemplate() ? "template in the file" : "no template"));
    console.say(
        "  memory      for " + sequences + " generations of " + contextTokens + " tokens at once:");
    plan.table().forEach(line -> console.say("    " + line));
    console.say(
        "              "
            + MemoryPlan.megabytes(MachineMemory.current().availableBytes())
            + " are available on this machine");
    return ExitCodes.OK;
  }

  private Info info(Path file, GgufHeader header, MemoryPlan plan) throws IOException {
    return new Info(
        file.toString(),
        Files.size(file),
        header.name(),
        header.architecture(),
        header.quantization(),
        header.parameterCount(),
        header.blockCount(),
        header.contextLength(),
        header.vocabularySize(),
        header.chatTemplate().isPresent(),
        header.kvBytesPerToken(),
        plan.totalBytes(),
        plan.parts().stream()
            .map(
                part ->
                    new MemoryPart(
                        part.kind().label(), part.detail(), part.hostBytes(), part.gpuBytes()))
            .toList());
  }

  private MemoryPlan plan(GgufHeader header) throws IOException {
    LlamaCppSpec spec =
        LlamaCppSpec.builder(nameOrPath)
            .maxSequences(sequences)
            .maxBatchTokens(Math.max(sequences, DEFAULT_BATCH_TOKENS))
            .contextTokensPerSequence(contextTokens)
            .keyType(kvType)
            .valueType(kvType)
            .build();
    return new MemoryPlanner(spec, header, Optional.empty()).plan(gpuLayers);
  }
}
