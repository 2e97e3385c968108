package ai.falaj.jobs.cli;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.models.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code falaj model info}: what the header of a model's file says, and what memory it would take.
 */
@Command(name = "info", description = "Describe a model's file and the memory it needs.")
final class ModelInfoCommand extends FalajCommand {

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
      long memoryBytes) {}

  @Override
  protected int run(Console console) throws RuntimeLoadException, IOException {
    if (sequences < 1 || contextTokens < 1) {
      throw CliException.usage(
          "--sequences is " + sequences + " and --context " + contextTokens,
          "give both a positive number");
    }
    Path file = ModelStore.fromEnvironment().resolve(nameOrPath);
    GgufHeader header = GgufHeader.read(file);
    Info info = info(file, header);
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
        "  memory      about "
            + Amounts.bytes(info.memoryBytes())
            + " for "
            + sequences
            + " generations of "
            + contextTokens
            + " tokens");
    return ExitCodes.OK;
  }

  private Info info(Path file, GgufHeader header) throws IOException {
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
        header.estimateResidentBytes(sequences, contextTokens));
  }
}
