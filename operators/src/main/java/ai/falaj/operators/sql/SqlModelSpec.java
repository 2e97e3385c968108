package ai.falaj.operators.sql;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.remote.RemotePreset;
import ai.falaj.runtime.remote.RemoteSpec;
import ai.falaj.runtime.remote.SecretReference;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.remote.limits.RateLimits;
import ai.falaj.runtime.remote.protocol.WireCall;
import ai.falaj.runtime.remote.protocol.WireException;
import ai.falaj.runtime.remote.protocol.WireProtocol;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The runtime that a model's options name. Nothing is loaded or looked up here; two models with the
 * same runtime options share one runtime. Stateless.
 */
final class SqlModelSpec {

  private static final String CHAT_PATH = "/chat/completions";

  private SqlModelSpec() {}

  /**
   * @throws IllegalArgumentException with one line that names the option and the remedy
   */
  static RuntimeSpec of(ReadableConfig options) {
    String engine = options.get(SqlModelOptions.ENGINE);
    if (engine.equals(SqlModelOptions.LLAMA_CPP)) {
      requireUnset(options, SqlModelOptions.OF_SERVERS, "servers", engine);
      return valid(SqlModelOptions.MODEL, () -> llamaCpp(options));
    }
    requireUnset(options, SqlModelOptions.OF_LLAMA_CPP, SqlModelOptions.LLAMA_CPP, engine);
    RemotePreset preset = valid(SqlModelOptions.ENGINE, () -> presetNamed(engine));
    return valid(SqlModelOptions.ENDPOINT, () -> remote(options, preset));
  }

  private static RemotePreset presetNamed(String engine) {
    try {
      return RemotePreset.named(engine);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          e.getMessage() + ", and " + SqlModelOptions.LLAMA_CPP + " in the TaskManager", e);
    }
  }

  private static RuntimeSpec llamaCpp(ReadableConfig options) {
    LlamaCppSpec.Builder spec = LlamaCppSpec.builder(options.get(SqlModelOptions.MODEL));
    options.getOptional(SqlModelOptions.MAX_CONTEXT_SIZE).ifPresent(spec::contextTokensPerSequence);
    options.getOptional(SqlModelOptions.MAX_SEQUENCES).ifPresent(spec::maxSequences);
    options.getOptional(SqlModelOptions.THREADS).ifPresent(spec::threads);
    options.getOptional(SqlModelOptions.GPU_LAYERS).ifPresent(spec::gpuLayers);
    options.getOptional(SqlModelOptions.CHAT_TEMPLATE).ifPresent(spec::chatTemplate);
    options.getOptional(SqlModelOptions.KV_LAYOUT).ifPresent(spec::kvLayout);
    options
        .getOptional(SqlModelOptions.PREFIX_STORE_SIZE)
        .ifPresent(size -> spec.prefixStoreBytes(size.getBytes()));
    return spec.build();
  }

  private static RuntimeSpec remote(ReadableConfig options, RemotePreset preset) {
    RemoteSpec.Builder spec = RemoteSpec.builder(preset, options.get(SqlModelOptions.MODEL));
    options.getOptional(SqlModelOptions.ENDPOINT).map(SqlModelSpec::base).ifPresent(spec::baseUrl);
    options
        .getOptional(SqlModelOptions.API_KEY)
        .map(text -> valid(SqlModelOptions.API_KEY, () -> SecretReference.parse(text)))
        .ifPresent(spec::key);
    options.getOptional(SqlModelOptions.REASONING).ifPresent(spec::reasoning);
    options.getOptional(SqlModelOptions.MAX_CONTEXT_SIZE).ifPresent(spec::contextTokens);
    options
        .getOptional(SqlModelOptions.MAX_CONCURRENCY)
        .map(max -> valid(SqlModelOptions.MAX_CONCURRENCY, () -> upTo(max)))
        .ifPresent(spec::concurrency);
    spec.rateLimits(
        valid(
            SqlModelOptions.REQUESTS_PER_MINUTE,
            () ->
                new RateLimits(
                    options
                        .getOptional(SqlModelOptions.REQUESTS_PER_MINUTE)
                        .orElse(RateLimits.UNLIMITED),
                    options
                        .getOptional(SqlModelOptions.TOKENS_PER_MINUTE)
                        .orElse(RateLimits.UNLIMITED))));
    options.getOptional(SqlModelOptions.EXTRA_BODY).ifPresent(spec::extraBody);
    options.getOptional(SqlModelOptions.CHECK_AT_OPEN).ifPresent(spec::checkAtOpen);
    return spec.build();
  }

  /**
   * Refuses what the server's protocol could not ask for, and every row would be refused for.
   *
   * @throws IllegalArgumentException naming the parameter
   */
  static void requireServed(RuntimeSpec spec, GenerationRequest request) {
    if (!(spec instanceof RemoteSpec remote)) {
      return;
    }
    WireCall call =
        new WireCall(
            request,
            remote.model(),
            1,
            request.sampling().seed().orElse(0),
            request.sampling().maxTokens(),
            Optional.empty(),
            JsonNodeFactory.instance.objectNode());
    try {
      WireProtocol.of(remote.preset().dialect().withReasoning(remote.reasoning())).body(call);
    } catch (WireException e) {
      throw new IllegalArgumentException(
          "the server of engine %s cannot be asked so: %s"
              .formatted(remote.preset().configName(), e.getMessage()),
          e);
    }
  }

  /** The protocol's own path is put behind it later. */
  private static String base(String endpoint) {
    String base = endpoint.replaceAll("/+$", "");
    return base.endsWith(CHAT_PATH) ? base.substring(0, base.length() - CHAT_PATH.length()) : base;
  }

  private static AdaptiveLimit.Bounds upTo(int max) {
    AdaptiveLimit.Bounds usual = RemoteSpec.of(RemotePreset.VLLM, "any").concurrency();
    return new AdaptiveLimit.Bounds(
        Math.min(usual.initial(), max), Math.min(usual.min(), max), max);
  }

  private static void requireUnset(
      ReadableConfig options, List<ConfigOption<?>> others, String owner, String engine) {
    for (ConfigOption<?> option : others) {
      if (options.getOptional(option).isPresent()) {
        throw new IllegalArgumentException(
            "%s is an option of %s and engine is %s; leave it out, or name another engine"
                .formatted(option.key(), owner, engine));
      }
    }
  }

  /** Makes a value whose own check names it, but not its option. */
  static <T> T valid(ConfigOption<?> option, Supplier<T> value) {
    try {
      return value.get();
    } catch (OptionException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new OptionException(option.key() + ": " + e.getMessage(), e);
    }
  }

  /** Names its option already. */
  private static final class OptionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    OptionException(String message, IllegalArgumentException cause) {
      super(message, cause);
    }
  }
}
