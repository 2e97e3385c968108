package ai.falaj.jobs.cli;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.ModelOptions;
import ai.falaj.jobs.reasoning.ReasoningSettings;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.models.ModelCatalogue;
import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelReference;
import ai.falaj.runtime.models.ModelStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Option;

/** Options of the commands that run a job in a local stack. */
public final class PipelineOptions {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME|FILE",
      description =
          "A model that 'falaj model list' shows, or a .gguf file (default: "
              + ModelCatalogue.DEMO_MODEL
              + "). Several: -D falaj.models.NAME.model=..., see docs/ROUTING.md.")
  private String model;

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Parallelism of the job; its subtasks share one model (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "A setting of the job, such as falaj.runtime.max-sequences=8; may be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /** The model, as the user named it; the names of several. */
  public String model() {
    SortedSet<String> names = ModelOptions.names(Configuration.fromMap(settings));
    if (names.isEmpty()) {
      return model == null ? ModelCatalogue.DEMO_MODEL : model;
    }
    return String.join(", ", names);
  }

  /** Parallelism of the job. */
  public int parallelism() {
    return parallelism;
  }

  /**
   * The completion job's options, checked, without the addresses of broker and registry.
   *
   * @param slots of the local stack
   * @throws CliException where an option is wrong or contradicts another
   */
  public Configuration configuration(int slots) {
    return configuration(slots, JobKind.COMPLETION, Map.of());
  }

  /**
   * The same of another job.
   *
   * @param defaults options that the user may set otherwise
   */
  public Configuration configuration(int slots, JobKind job, Map<String, String> defaults) {
    if (parallelism < 1 || parallelism > slots) {
      throw CliException.usage(
          "--parallelism is " + parallelism + " and --slots " + slots,
          "choose a parallelism from 1 to the number of slots");
    }
    Configuration configuration = Configuration.fromMap(defaults);
    configuration.addAll(Configuration.fromMap(settings));
    if (model != null || ModelOptions.names(configuration).isEmpty()) {
      configuration.set(CompletionOptions.MODEL, model());
    }
    try {
      LocalPipeline.check(job.local(), configuration);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    return configuration;
  }

  /** What the user set for an option of the job. */
  public <T> Optional<T> setting(ConfigOption<T> option) {
    return Configuration.fromMap(settings).getOptional(option);
  }

  /**
   * Makes sure that the model files and llama.cpp's libraries are here, downloading what is
   * missing, before the job needs them. Models behind servers need neither.
   *
   * @throws RuntimeLoadException when they cannot be had; the message names the remedy
   */
  public void prepare(Console console) throws RuntimeLoadException, InterruptedException {
    Configuration configuration = Configuration.fromMap(settings);
    if (model != null || ModelOptions.names(configuration).isEmpty()) {
      configuration.set(CompletionOptions.MODEL, model());
    }
    for (String file : ReasoningSettings.modelFiles(configuration)) {
      prepare(file, console);
    }
  }

  /** The same for a command that names its model itself. */
  public static void prepare(String model, Console console)
      throws RuntimeLoadException, InterruptedException {
    ConsoleProgressListener progress = new ConsoleProgressListener(console);
    NativeLibraries.fromEnvironment().locate(progress);
    ModelStore store = ModelStore.fromEnvironment();
    if (isToBePulled(model, store)) {
      console.note("Downloading " + model);
      store.pull(model, progress);
    }
    GgufHeader.read(store.resolve(model)); // a damaged file is better refused now than by the job
  }

  private static boolean isToBePulled(String model, ModelStore store) {
    try {
      ModelReference reference = store.catalogue().reference(model);
      return store.find(reference).isEmpty();
    } catch (ModelException e) {
      return false; // no name of the catalogue: a path, or a mistake that resolving explains
    }
  }
}
