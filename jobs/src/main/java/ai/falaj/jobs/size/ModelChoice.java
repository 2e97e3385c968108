package ai.falaj.jobs.size;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.memory.ModelGeometry;
import ai.falaj.runtime.models.CatalogueFile;
import ai.falaj.runtime.models.CatalogueModel;
import ai.falaj.runtime.models.ModelStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options that say which model: a file, one that is known, or its sizes. */
final class ModelChoice {

  private static final double BLOCK_SHARE = 12;
  private static final int USUAL_VOCABULARY = 152_064;
  private static final int USUAL_FEED_FORWARD = 4;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "A .gguf file, or a known model, here or not: k2-think, smollm2-135m-instruct,"
              + " qwen2.5-0.5b-instruct, qwen2.5-7b-instruct, llama-3.1-8b-instruct,"
              + " llama-3.3-70b-instruct. Else give its sizes.")
  private String nameOrPath;

  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      description =
          "Number format of a known model's weights, such as BF16, FP8, Q8_0, Q4_K_M (default: BF16"
              + " for vLLM, else the catalogue's or Q8_0).")
  private String weights;

  @Option(
      names = "--parameters",
      paramLabel = "N",
      description = "Parameters of a model that is not known, such as 32.8B.")
  private String parameters;

  @Option(names = "--layers", paramLabel = "N", description = "Its layers.")
  private int layers;

  @Option(
      names = "--kv-heads",
      paramLabel = "N",
      description = "Its key and value heads per layer.")
  private int kvHeads;

  @Option(names = "--head-dim", paramLabel = "N", description = "Elements of each head.")
  private int headLength;

  @Option(
      names = "--heads",
      paramLabel = "N",
      description = "Its query heads per layer (default: by its parameters).")
  private int queryHeads;

  /**
   * A model that was found.
   *
   * @param name as the job is told it
   * @param file where it is here
   */
  record Chosen(String name, ModelGeometry geometry, Optional<Path> file) {}

  Chosen choose(EngineKind engine) throws RuntimeLoadException, IOException {
    if (nameOrPath == null) {
      return bySizes(engine);
    }
    if (parameters != null) {
      throw CliException.usage(
          "MODEL and --parameters are both given", "name a model or give its sizes");
    }
    Optional<KnownModel> known = KnownModel.find(withoutFormat());
    if (known.isEmpty()) {
      Path file = ModelStore.fromEnvironment().resolve(nameOrPath);
      return new Chosen(nameOrPath, ModelGeometry.of(GgufHeader.read(file)), Optional.of(file));
    }
    return byName(engine, known.get());
  }

  /** By the file where it is here and is what is asked for, else by what is known. */
  private Chosen byName(EngineKind engine, KnownModel known)
      throws RuntimeLoadException, IOException {
    ModelStore store = ModelStore.fromEnvironment();
    Optional<CatalogueModel> listed = store.catalogue().find(known.name());
    String format =
        formatOrNull() != null
            ? formatOrNull()
            : engine == EngineKind.VLLM
                ? WeightFormat.BF16.name()
                : listed.map(CatalogueModel::defaultQuantization).orElse(WeightFormat.Q8_0.name());
    Optional<CatalogueFile> published =
        engine == EngineKind.VLLM ? Optional.empty() : listed.flatMap(model -> model.file(format));
    String name = engine == EngineKind.VLLM ? known.repository() : known.name() + ":" + format;
    if (published.isPresent()) {
      Optional<Path> file = store.find(store.catalogue().reference(name));
      if (file.isPresent()) {
        return new Chosen(name, ModelGeometry.of(GgufHeader.read(file.get())), file);
      }
      return new Chosen(name, known.geometry(format, published.get().bytes()), Optional.empty());
    }
    return new Chosen(
        engine == EngineKind.VLLM ? name : known.name() + "-" + format + ".gguf",
        known.geometry(format, format(format).bytes(known.parameters())),
        Optional.empty());
  }

  private Chosen bySizes(EngineKind engine) {
    if (parameters == null || layers < 1 || kvHeads < 1 || headLength < 1) {
      throw CliException.usage(
          "no model is named",
          "name one, or give --parameters, --layers, --kv-heads and --head-dim");
    }
    long count = Math.round(Quantities.number("--parameters", parameters));
    // A block has about twelve times the square of the width.
    int width = (int) Math.round(Math.sqrt(count / (BLOCK_SHARE * layers)));
    int heads = queryHeads > 0 ? queryHeads : Math.max(1, Math.round((float) width / headLength));
    String format =
        weights != null
            ? weights
            : engine == EngineKind.VLLM ? WeightFormat.BF16.name() : WeightFormat.Q8_0.name();
    KnownModel model =
        new KnownModel(
            "model.gguf",
            List.of(),
            "MODEL",
            count,
            layers,
            kvHeads,
            heads,
            headLength,
            heads * headLength,
            USUAL_FEED_FORWARD * heads * headLength,
            USUAL_VOCABULARY,
            false);
    return new Chosen(
        engine == EngineKind.VLLM ? model.repository() : model.name(),
        model.geometry(format, format(format).bytes(count)),
        Optional.empty());
  }

  private static WeightFormat format(String name) {
    return WeightFormat.named(name)
        .orElseThrow(
            () ->
                CliException.usage(
                    "the weights' format " + name + " is not known",
                    "name one of " + WeightFormat.names() + ", or a .gguf file"));
  }

  private String formatOrNull() {
    int colon = nameOrPath.lastIndexOf(':');
    return weights != null ? weights : colon < 0 ? null : nameOrPath.substring(colon + 1);
  }

  private String withoutFormat() {
    int colon = nameOrPath.lastIndexOf(':');
    return colon < 0 ? nameOrPath : nameOrPath.substring(0, colon);
  }
}
