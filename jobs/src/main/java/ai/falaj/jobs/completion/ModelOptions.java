package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Several models in one job: options with the model's name in the key. Each model has its own value
 * of every option that the one model of {@link CompletionOptions#MODEL} has; where it has none, the
 * job's {@code falaj.runtime.*} holds. Names may have dots; the option's own name ends them.
 */
public final class ModelOptions {

  /** Of every option here. */
  public static final String PREFIX = "falaj.models.";

  /** Stands for a model's name in the documentation. */
  static final String PLACEHOLDER = "<name>";

  /** Engine of a model that names none: our own. */
  static final String LLAMA_CPP = "llamacpp";

  public static final ConfigOption<String> DEFAULT =
      key(PREFIX + "default")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Model of the requests that name none, unless falaj.routes.default shares them out."
                  + " Default: the only one; with several it has to be set.");

  private static final String ENGINE = "engine";
  private static final String FALLBACK = "fallback";
  private static final String SAME_WEIGHTS = "same-weights";
  private static final String RUNTIME_PREFIX = "falaj.runtime.";

  /** The job's option for each option of a model, by what follows the model's name. */
  private static final Map<String, ConfigOption<?>> JOB_OPTIONS =
      Stream.concat(
              Stream.of(
                  CompletionOptions.MODEL,
                  CompletionOptions.CHAT_TEMPLATE,
                  CompletionOptions.CONTEXT_TOKENS,
                  CompletionOptions.MAX_SEQUENCES,
                  CompletionOptions.THREADS,
                  CompletionOptions.GPU_LAYERS),
              EngineOptions.all().stream())
          .collect(
              Collectors.toMap(
                  ModelOptions::suffix, option -> option, (one, other) -> one, TreeMap::new));

  /** Longest first, as one may end like another. */
  private static final List<String> SUFFIXES =
      Stream.of(
              JOB_OPTIONS.keySet(), RemoteOptions.SUFFIXES, List.of(ENGINE, FALLBACK, SAME_WEIGHTS))
          .flatMap(Collection::stream)
          .sorted(Comparator.comparingInt(String::length).reversed())
          .toList();

  private ModelOptions() {}

  public static ConfigOption<String> engine(String model) {
    return key(PREFIX + model + "." + ENGINE)
        .stringType()
        .defaultValue(LLAMA_CPP)
        .withDescription(
            "What generates: "
                + LLAMA_CPP
                + " for a model file on the TaskManager, or the preset of a server: "
                + RemoteOptions.names()
                + ".");
  }

  public static ConfigOption<List<String>> fallback(String model) {
    return key(PREFIX + model + "." + FALLBACK)
        .stringType()
        .asList()
        .noDefaultValue()
        .withDescription(
            "Other models of the job that answer, in this order, what this one cannot; separated by"
                + " semicolons. Their own fallbacks do not count.");
  }

  public static ConfigOption<Boolean> sameWeights(String model) {
    return key(PREFIX + model + "." + SAME_WEIGHTS)
        .booleanType()
        .defaultValue(false)
        .withDescription(
            "Whether the fallbacks serve the same weights, so that they may go on with an answer that"
                + " another of them began; else it starts over.");
  }

  public static ConfigOption<String> source(String model) {
    return key(PREFIX + model + "." + suffix(CompletionOptions.MODEL))
        .stringType()
        .noDefaultValue()
        .withDescription(
            "As falaj.model: a name of the catalogue, or the path of a .gguf file; of a server, the"
                + " model as the server names it. Requests use the name in the key.");
  }

  /** As the documentation shows them. */
  static List<ConfigOption<?>> documented() {
    return Stream.concat(
            Stream.of(
                DEFAULT,
                engine(PLACEHOLDER),
                source(PLACEHOLDER),
                fallback(PLACEHOLDER),
                sameWeights(PLACEHOLDER)),
            RemoteOptions.documented().stream())
        .toList();
  }

  /** Whether a key is an option of some model. */
  static boolean isOption(String key) {
    return key.equals(DEFAULT.key()) || nameOf(key).isPresent();
  }

  /** The models that are configured; empty: the job has one, {@link CompletionOptions#MODEL}. */
  public static SortedSet<String> names(ReadableConfig config) {
    SortedSet<String> names = new TreeSet<>();
    config.toMap().keySet().forEach(key -> nameOf(key).ifPresent(names::add));
    return names;
  }

  /** Where the models that llama.cpp generates come from, in the order of their names. */
  public static List<String> sourcesOfFiles(ReadableConfig config) {
    return names(config).stream()
        .filter(name -> config.get(engine(name)).equals(LLAMA_CPP))
        .flatMap(name -> config.getOptional(source(name)).stream())
        .toList();
  }

  /** What a model says of its context, and not the job for all. */
  static Optional<Integer> ownContextTokens(ReadableConfig config, String model) {
    return config.getOptional(
        key(PREFIX + model + "." + suffix(CompletionOptions.CONTEXT_TOKENS))
            .intType()
            .noDefaultValue());
  }

  /** An option of llama.cpp that a model sets, for one that a server generates. */
  static Optional<String> firstOfLlamaCpp(ReadableConfig config, String model) {
    return JOB_OPTIONS.entrySet().stream()
        .filter(option -> option.getValue() != CompletionOptions.MODEL)
        .filter(option -> option.getValue() != CompletionOptions.CONTEXT_TOKENS)
        .map(option -> PREFIX + model + "." + option.getKey())
        .filter(config.toMap()::containsKey)
        .findFirst();
  }

  /** The most tokens that a request may hold, of the model file that has most. */
  static int contextTokens(ReadableConfig config) {
    return names(config).stream()
        .filter(name -> config.get(engine(name)).equals(LLAMA_CPP))
        .map(name -> configuration(config, name).get(CompletionOptions.CONTEXT_TOKENS))
        .max(Comparator.naturalOrder())
        .orElseGet(() -> config.get(CompletionOptions.CONTEXT_TOKENS));
  }

  /** The configuration of a job that has this model and no other. */
  static Configuration configuration(ReadableConfig config, String model) {
    Configuration single = new Configuration();
    config
        .toMap()
        .forEach(
            (key, value) -> {
              if (!key.startsWith(PREFIX)) {
                single.setString(key, value);
              }
            });
    JOB_OPTIONS.forEach(
        (suffix, option) -> {
          String value = config.toMap().get(PREFIX + model + "." + suffix);
          if (value != null) {
            single.setString(option.key(), value);
          }
        });
    single.set(CompletionOptions.MODEL_NAME, model);
    return single;
  }

  /** The same message in the words of the model's options, where it sets them. */
  static String inWordsOf(String model, ReadableConfig config, String message) {
    List<String> suffixes = new ArrayList<>(JOB_OPTIONS.keySet());
    String words = message;
    for (String suffix : suffixes) {
      String option = PREFIX + model + "." + suffix;
      boolean isSource = suffix.equals(suffix(CompletionOptions.MODEL));
      if (isSource || config.toMap().containsKey(option)) {
        Pattern key =
            Pattern.compile(Pattern.quote(JOB_OPTIONS.get(suffix).key()) + "(?![\\w-]|\\.\\w)");
        words = key.matcher(words).replaceAll(option);
      }
    }
    return words.equals(message) ? PREFIX + model + ".*: " + message : words;
  }

  private static Optional<String> nameOf(String key) {
    if (!key.startsWith(PREFIX)) {
      return Optional.empty();
    }
    return SUFFIXES.stream()
        .filter(suffix -> key.endsWith("." + suffix))
        .map(suffix -> key.length() - suffix.length() - 1)
        .filter(end -> end > PREFIX.length())
        .map(end -> key.substring(PREFIX.length(), end))
        .findFirst();
  }

  private static String suffix(ConfigOption<?> option) {
    String key = option.key();
    if (key.startsWith(RUNTIME_PREFIX)) {
      return key.substring(RUNTIME_PREFIX.length());
    }
    return key.substring(
        key.equals(CompletionOptions.MODEL.key()) ? "falaj.".length() : "falaj.model.".length());
  }
}
