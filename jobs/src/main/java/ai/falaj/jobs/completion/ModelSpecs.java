package ai.falaj.jobs.completion;

import ai.falaj.operators.routing.Route;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.LoraAdapter;
import ai.falaj.runtime.llamacpp.RopeScaling;
import ai.falaj.runtime.llamacpp.Speculation;
import ai.falaj.runtime.remote.FallbackSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/** The runtime that a job's options name. Nothing is loaded or looked up here. */
public final class ModelSpecs {

  /** Names are parts of option keys, topics' records and metrics' labels. */
  private static final Pattern MODEL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private ModelSpecs() {}

  /**
   * The one model of {@code falaj.model}, or a catalog of those of {@code falaj.models.*}.
   *
   * @throws IllegalArgumentException with one line that names the value and the remedy
   */
  public static RuntimeSpec fromOptions(ReadableConfig config) {
    SortedSet<String> names = ModelOptions.names(config);
    if (names.isEmpty()) {
      return llamaCpp(config);
    }
    for (ConfigOption<String> single :
        List.of(CompletionOptions.MODEL, CompletionOptions.MODEL_NAME)) {
      if (config.getOptional(single).isPresent()) {
        throw new IllegalArgumentException(
            "%s is %s and %s* has the models %s; leave the first out, or make it one of them"
                .formatted(
                    single.key(),
                    config.get(single),
                    ModelOptions.PREFIX,
                    String.join(", ", names)));
      }
    }
    SortedMap<String, RuntimeSpec> alone = new TreeMap<>();
    for (String name : names) {
      alone.put(name, member(config, name));
    }
    SortedMap<String, RuntimeSpec> members = new TreeMap<>();
    alone.forEach((name, spec) -> members.put(name, withFallbacks(config, name, alone)));
    return new CatalogSpec(members, defaultModel(config, names));
  }

  private static RuntimeSpec withFallbacks(
      ReadableConfig config, String name, SortedMap<String, RuntimeSpec> alone) {
    List<String> others = config.getOptional(ModelOptions.fallback(name)).orElse(List.of());
    if (others.isEmpty()) {
      return alone.get(name);
    }
    List<RuntimeSpec> chain = new ArrayList<>();
    chain.add(alone.get(name));
    for (String other : others) {
      if (other.equals(name) || !alone.containsKey(other)) {
        throw new IllegalArgumentException(
            "%s names %s and the other models are %s; name some of those"
                .formatted(
                    ModelOptions.fallback(name).key(),
                    other,
                    alone.keySet().stream()
                        .filter(model -> !model.equals(name))
                        .collect(Collectors.joining(", "))));
      }
      chain.add(alone.get(other));
    }
    return new FallbackSpec(chain, config.get(ModelOptions.sameWeights(name)));
  }

  private static String defaultModel(ReadableConfig config, SortedSet<String> names) {
    Optional<String> chosen = config.getOptional(ModelOptions.DEFAULT);
    if (chosen.isEmpty() && names.size() == 1) {
      return names.first();
    }
    if (chosen.isEmpty() || !names.contains(chosen.get())) {
      throw new IllegalArgumentException(
          "%s is %s and the models are %s; set it to the one that answers requests which name none"
              .formatted(
                  ModelOptions.DEFAULT.key(), chosen.orElse("not set"), String.join(", ", names)));
    }
    return chosen.get();
  }

  private static RuntimeSpec member(ReadableConfig config, String name) {
    if (!MODEL_NAME.matcher(name).matches() || name.equals(Route.DEFAULT)) {
      throw new IllegalArgumentException(
          "%s%s.*: a model cannot have that name; use letters, digits, dots, hyphens and underscores, and not '%s'"
              .formatted(ModelOptions.PREFIX, name, Route.DEFAULT));
    }
    String engine = config.get(ModelOptions.engine(name));
    if (!engine.equals(ModelOptions.LLAMA_CPP)) {
      requireNone(ModelOptions.firstOfLlamaCpp(config, name), ModelOptions.LLAMA_CPP, engine);
      return RemoteOptions.spec(config, name, engine);
    }
    requireNone(RemoteOptions.firstSet(config.toMap(), name), "servers", engine);
    try {
      return llamaCpp(ModelOptions.configuration(config, name));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(ModelOptions.inWordsOf(name, config, e.getMessage()), e);
    }
  }

  private static void requireNone(Optional<String> option, String owner, String engine) {
    if (option.isPresent()) {
      throw new IllegalArgumentException(
          "%s is an option of %s and the model's engine is %s; leave it out"
              .formatted(option.get(), owner, engine));
    }
  }

  private static RuntimeSpec llamaCpp(ReadableConfig config) {
    LlamaCppSpec.Builder spec =
        LlamaCppSpec.builder(
            CompletionSettings.required(
                config, CompletionOptions.MODEL, "smollm2-135m-instruct or /models/my.gguf"));
    config.getOptional(CompletionOptions.MODEL_NAME).ifPresent(spec::model);
    config.getOptional(CompletionOptions.CHAT_TEMPLATE).ifPresent(spec::chatTemplate);
    spec.contextTokensPerSequence(config.get(CompletionOptions.CONTEXT_TOKENS));
    spec.maxSequences(config.get(CompletionOptions.MAX_SEQUENCES));
    config.getOptional(CompletionOptions.THREADS).ifPresent(spec::threads);
    config.getOptional(CompletionOptions.GPU_LAYERS).ifPresent(spec::gpuLayers);
    addKvCache(config, spec);
    ropeScaling(config).ifPresent(spec::ropeScaling);
    spec.prefixStoreBytes(config.get(EngineOptions.PREFIX_STORE_SIZE).getBytes());
    spec.prefillStretch(prefillStretch(config));
    spec.speculation(speculation(config));
    spec.adapters(adapters(config));
    spec.reloadOnChange(config.get(EngineOptions.RELOAD_ON_CHANGE));
    config.getOptional(EngineOptions.CRASH_DIRECTORY).ifPresent(spec::crashDirectory);
    spec.tenants(TenantOptions.shares(config));
    return spec.build();
  }

  private static void addKvCache(ReadableConfig config, LlamaCppSpec.Builder spec) {
    KvLayout layout = config.get(EngineOptions.KV_LAYOUT);
    spec.kvLayout(layout);
    spec.keyType(config.get(EngineOptions.KV_KEY_TYPE));
    spec.valueType(config.get(EngineOptions.KV_VALUE_TYPE));
    Optional<Integer> poolTokens = config.getOptional(EngineOptions.KV_POOL_TOKENS);
    if (poolTokens.isEmpty()) {
      return;
    }
    if (layout != KvLayout.SHARED) {
      throw conflict(
          EngineOptions.KV_POOL_TOKENS,
          EngineOptions.KV_LAYOUT,
          config,
          "set the second to SHARED, or leave the first out");
    }
    if (poolTokens.get() < config.get(CompletionOptions.CONTEXT_TOKENS)) {
      throw conflict(
          EngineOptions.KV_POOL_TOKENS,
          CompletionOptions.CONTEXT_TOKENS,
          config,
          "raise the first to at least the second, so that one request fits");
    }
    spec.kvPoolTokens(poolTokens.get());
  }

  private static Optional<RopeScaling> ropeScaling(ReadableConfig config) {
    Optional<RopeScaling.Method> method = config.getOptional(EngineOptions.ROPE_SCALING_METHOD);
    Optional<Double> factor = config.getOptional(EngineOptions.ROPE_SCALING_FACTOR);
    if (method.isPresent() != factor.isPresent()) {
      throw new IllegalArgumentException(
          "%s is %s and %s is %s; set both, or neither"
              .formatted(
                  EngineOptions.ROPE_SCALING_METHOD.key(),
                  method.map(Enum::name).orElse("not set"),
                  EngineOptions.ROPE_SCALING_FACTOR.key(),
                  factor.map(Object::toString).orElse("not set")));
    }
    return method.map(
        m -> valid(EngineOptions.ROPE_SCALING_FACTOR, () -> new RopeScaling(m, factor.get())));
  }

  private static double prefillStretch(ReadableConfig config) {
    double stretch = config.get(EngineOptions.PREFILL_STRETCH);
    if (!(stretch >= 1)) {
      throw new IllegalArgumentException(
          EngineOptions.PREFILL_STRETCH.key() + " is " + stretch + "; it must be 1 or more");
    }
    return stretch;
  }

  private static Speculation speculation(ReadableConfig config) {
    Speculation.Mode mode = config.get(EngineOptions.SPECULATION_MODE);
    Optional<String> draft = config.getOptional(EngineOptions.SPECULATION_DRAFT_MODEL);
    if ((mode == Speculation.Mode.DRAFT_MODEL) != draft.isPresent()) {
      throw new IllegalArgumentException(
          "%s is %s and %s is %s; name a model with DRAFT_MODEL and with nothing else"
              .formatted(
                  EngineOptions.SPECULATION_MODE.key(),
                  mode,
                  EngineOptions.SPECULATION_DRAFT_MODEL.key(),
                  draft.orElse("not set")));
    }
    if (mode == Speculation.Mode.OFF) {
      return Speculation.OFF;
    }
    return valid(
        EngineOptions.SPECULATION_MODE,
        () ->
            new Speculation(
                mode,
                config.get(EngineOptions.SPECULATION_MAX_DRAFT_TOKENS),
                config.get(EngineOptions.SPECULATION_MAX_SEQUENCES),
                draft.orElse(null)));
  }

  private static List<LoraAdapter> adapters(ReadableConfig config) {
    return config.getOptional(EngineOptions.ADAPTERS).orElse(List.of()).stream()
        .map(ModelSpecs::adapter)
        .toList();
  }

  /** {@code NAME=PATH} or {@code NAME=PATH@SCALE}; a path may hold an at sign before its end. */
  private static LoraAdapter adapter(String text) {
    int equals = text.indexOf('=');
    int at = text.lastIndexOf('@');
    if (equals < 1 || equals == text.length() - 1) {
      throw new IllegalArgumentException(
          EngineOptions.ADAPTERS.key()
              + " has '"
              + text
              + "'; write NAME=PATH or NAME=PATH@SCALE, separated by semicolons");
    }
    String name = text.substring(0, equals).strip();
    Optional<Float> scale = at > equals ? scale(text.substring(at + 1)) : Optional.empty();
    String path = text.substring(equals + 1, scale.isPresent() ? at : text.length()).strip();
    return valid(EngineOptions.ADAPTERS, () -> new LoraAdapter(name, path, scale.orElse(1f)));
  }

  private static Optional<Float> scale(String text) {
    return text.strip().matches("[+-]?[0-9]+(\\.[0-9]+)?")
        ? Optional.of(Float.parseFloat(text.strip()))
        : Optional.empty();
  }

  /** Makes a value whose own check names it, but not its option. */
  private static <T> T valid(ConfigOption<?> option, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option.key() + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException conflict(
      ConfigOption<?> first, ConfigOption<?> second, ReadableConfig config, String remedy) {
    return new IllegalArgumentException(
        "%s is %s and %s is %s; %s"
            .formatted(first.key(), config.get(first), second.key(), config.get(second), remedy));
  }
}
