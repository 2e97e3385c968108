package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.runtime.remote.RemotePreset;
import ai.falaj.runtime.remote.RemoteSpec;
import ai.falaj.runtime.remote.SecretReference;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.remote.limits.Hedging;
import ai.falaj.runtime.remote.limits.RateLimits;
import ai.falaj.runtime.remote.protocol.Reasoning;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Options of a model of {@link ModelOptions} that a server generates: what its preset does not know
 * or has otherwise. Keys are named, never written out.
 */
public final class RemoteOptions {

  private static final String BASE_URL = "base-url";
  private static final String KEY = "key";
  private static final String REASONING = "reasoning";
  private static final String MAX_CONCURRENCY = "max-concurrency";
  private static final String REQUESTS_PER_MINUTE = "requests-per-minute";
  private static final String TOKENS_PER_MINUTE = "tokens-per-minute";
  private static final String HEDGING_QUANTILE = "hedging.quantile";
  private static final String HEDGING_AT_LEAST = "hedging.at-least";
  private static final String CONNECT_TIMEOUT = "connect-timeout";
  private static final String SILENCE_TIMEOUT = "silence-timeout";
  private static final String EXTRA_BODY = "extra-body";
  private static final String CHECK_AT_OPEN = "check-at-open";

  /** What may follow the name of a model. */
  static final List<String> SUFFIXES =
      List.of(
          BASE_URL,
          KEY,
          REASONING,
          MAX_CONCURRENCY,
          REQUESTS_PER_MINUTE,
          TOKENS_PER_MINUTE,
          HEDGING_QUANTILE,
          HEDGING_AT_LEAST,
          CONNECT_TIMEOUT,
          SILENCE_TIMEOUT,
          EXTRA_BODY,
          CHECK_AT_OPEN);

  private RemoteOptions() {}

  /** The engines that are servers, as {@code falaj.models.<name>.engine} names them. */
  static List<String> engines() {
    return Arrays.stream(RemotePreset.values()).map(RemotePreset::configName).toList();
  }

  static ConfigOption<String> baseUrl(String model) {
    return key(name(model, BASE_URL))
        .stringType()
        .noDefaultValue()
        .withDescription(
            "What the paths of the server's protocol are put behind, such as"
                + " http://vllm:8000/v1. Default: the preset's.");
  }

  static ConfigOption<String> apiKey(String model) {
    return key(name(model, KEY))
        .stringType()
        .noDefaultValue()
        .withDescription(
            "Where the TaskManager finds the key: env:VARIABLE, file:PATH (a mounted secret, say) or"
                + " none. Never the key itself. Default: the preset's environment variable.");
  }

  static ConfigOption<Reasoning> reasoning(String model) {
    return key(name(model, REASONING))
        .enumType(Reasoning.class)
        .noDefaultValue()
        .withDescription(
            "Where the server's answers carry what the model thought: in a FIELD of their own, in TAGS"
                + " of the text, or in BLOCKS of its protocol or nowhere. Default: the preset's.");
  }

  static ConfigOption<Integer> maxConcurrency(String model) {
    return key(name(model, MAX_CONCURRENCY))
        .intType()
        .noDefaultValue()
        .withDescription(
            "Most requests of a TaskManager that are under way at once; how many are is found out by"
                + " the server's answers. Lower spares a server that others use too. Default: 1024.");
  }

  static ConfigOption<Long> requestsPerMinute(String model) {
    return key(name(model, REQUESTS_PER_MINUTE))
        .longType()
        .noDefaultValue()
        .withDescription(
            "Requests that a TaskManager may send in a minute; more wait. Default: no limit.");
  }

  static ConfigOption<Long> tokensPerMinute(String model) {
    return key(name(model, TOKENS_PER_MINUTE))
        .longType()
        .noDefaultValue()
        .withDescription(
            "Prompt and completion tokens of a TaskManager's requests in a minute; more wait."
                + " Default: no limit.");
  }

  static ConfigOption<Double> hedgingQuantile(String model) {
    return key(name(model, HEDGING_QUANTILE))
        .doubleType()
        .noDefaultValue()
        .withDescription(
            "Requests whose first token is later than this quantile of all are asked once more, at most"
                + " a tenth of them. Shortens the slow tail and costs those tokens twice."
                + " Default: never.");
  }

  static ConfigOption<Duration> hedgingAtLeast(String model) {
    return key(name(model, HEDGING_AT_LEAST))
        .durationType()
        .defaultValue(Hedging.OFF.atLeast())
        .withDescription("No request counts as late before.");
  }

  static ConfigOption<Duration> connectTimeout(String model) {
    return key(name(model, CONNECT_TIMEOUT))
        .durationType()
        .noDefaultValue()
        .withDescription("For a connection to be there. Default: 10 s.");
  }

  static ConfigOption<Duration> silenceTimeout(String model) {
    return key(name(model, SILENCE_TIMEOUT))
        .durationType()
        .noDefaultValue()
        .withDescription(
            "Without a byte from the server, after which a request has failed; longer than its queue and"
                + " the reading of the longest prompt take. Default: 5 min.");
  }

  static ConfigOption<String> extraBody(String model) {
    return key(name(model, EXTRA_BODY))
        .stringType()
        .noDefaultValue()
        .withDescription(
            "JSON object with fields for every request, such as {\"reasoning_effort\":\"high\"}.");
  }

  static ConfigOption<Boolean> checkAtOpen(String model) {
    return key(name(model, CHECK_AT_OPEN))
        .booleanType()
        .defaultValue(true)
        .withDescription(
            "Whether the server is asked for its models when the job starts, so that a wrong address or"
                + " key fails it at once and not each request. Off starts the job before its server,"
                + " whose prompts then use up attempts (falaj.inference.retry.max-attempts).");
  }

  /** As the documentation shows them. */
  static List<ConfigOption<?>> documented() {
    String model = ModelOptions.PLACEHOLDER;
    return List.of(
        baseUrl(model),
        apiKey(model),
        reasoning(model),
        maxConcurrency(model),
        requestsPerMinute(model),
        tokensPerMinute(model),
        hedgingQuantile(model),
        hedgingAtLeast(model),
        connectTimeout(model),
        silenceTimeout(model),
        extraBody(model),
        checkAtOpen(model));
  }

  /**
   * @param engine name of a preset
   * @throws IllegalArgumentException with one line that names the option and the remedy
   */
  static RemoteSpec spec(ReadableConfig config, String model, String engine) {
    RemotePreset preset = valid(ModelOptions.engine(model).key(), () -> RemotePreset.named(engine));
    String served =
        CompletionSettings.required(
            config, ModelOptions.source(model), "LLM360/K2-Think, as the server names it");
    RemoteSpec.Builder spec = RemoteSpec.builder(preset, served);
    config.getOptional(baseUrl(model)).ifPresent(spec::baseUrl);
    config
        .getOptional(apiKey(model))
        .map(text -> valid(apiKey(model).key(), () -> SecretReference.parse(text)))
        .ifPresent(spec::key);
    config.getOptional(reasoning(model)).ifPresent(spec::reasoning);
    ModelOptions.ownContextTokens(config, model).ifPresent(spec::contextTokens);
    config
        .getOptional(maxConcurrency(model))
        .map(max -> valid(maxConcurrency(model).key(), () -> upTo(max)))
        .ifPresent(spec::concurrency);
    spec.rateLimits(
        valid(
            ModelOptions.PREFIX + model,
            () ->
                new RateLimits(
                    config.getOptional(requestsPerMinute(model)).orElse(RateLimits.UNLIMITED),
                    config.getOptional(tokensPerMinute(model)).orElse(RateLimits.UNLIMITED))));
    Optional<Double> quantile = config.getOptional(hedgingQuantile(model));
    if (quantile.isPresent()) {
      Duration atLeast = config.get(hedgingAtLeast(model));
      spec.hedging(
          valid(
              hedgingQuantile(model).key(), () -> Hedging.aboveQuantile(quantile.get(), atLeast)));
    }
    config.getOptional(connectTimeout(model)).ifPresent(spec::connectTimeout);
    config.getOptional(silenceTimeout(model)).ifPresent(spec::silenceTimeout);
    config.getOptional(extraBody(model)).ifPresent(spec::extraBody);
    spec.checkAtOpen(config.get(checkAtOpen(model)));
    return valid(ModelOptions.PREFIX + model, spec::build);
  }

  private static AdaptiveLimit.Bounds upTo(int max) {
    AdaptiveLimit.Bounds usual = RemoteSpec.of(RemotePreset.VLLM, "any").concurrency();
    return new AdaptiveLimit.Bounds(
        Math.min(usual.initial(), max), Math.min(usual.min(), max), max);
  }

  private static <T> T valid(String option, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }

  /** The options of a server that a model sets, for one that no server generates. */
  static Optional<String> firstSet(Map<String, String> config, String model) {
    return SUFFIXES.stream()
        .map(suffix -> name(model, suffix))
        .filter(config::containsKey)
        .findFirst();
  }

  static String names() {
    return engines().stream().collect(Collectors.joining(", "));
  }

  private static String name(String model, String suffix) {
    return ModelOptions.PREFIX + model + "." + suffix;
  }
}
