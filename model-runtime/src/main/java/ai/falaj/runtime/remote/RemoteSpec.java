package ai.falaj.runtime.remote;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.breaker.CircuitBreakerPolicy;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.remote.limits.Hedging;
import ai.falaj.runtime.remote.limits.RateLimits;
import ai.falaj.runtime.remote.protocol.Json;
import ai.falaj.runtime.remote.protocol.Reasoning;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * A model behind HTTP, by value and without secrets.
 *
 * @param model as the server names it
 * @param baseUrl what the paths of the protocol are put behind, without a slash at its end
 * @param reasoning where its answers carry what it thought
 * @param contextTokens prompt and completion tokens that it takes; only estimates use it
 * @param concurrency requests that may be under way at once
 * @param maxWaiting requests that may wait for that before {@code OVERLOADED}
 * @param connectTimeout for a connection to be there
 * @param silenceTimeout without a byte, after which a request has failed: long enough for the
 *     longest wait in the server's queue and prefill
 * @param httpVersion HTTP/1.1 unless the endpoint allows enough streams in one connection of HTTP/2
 * @param extraBody JSON object with fields for every request, such as {@code
 *     {"reasoning_effort":"high"}}
 * @param headers for every request; no secrets here
 * @param checkAtOpen whether opening asks the server for its models, so that a wrong address or key
 *     is found before the first request
 */
public record RemoteSpec(
    RemotePreset preset,
    String model,
    String baseUrl,
    SecretReference key,
    Reasoning reasoning,
    int contextTokens,
    AdaptiveLimit.Bounds concurrency,
    int maxWaiting,
    RateLimits rateLimits,
    Hedging hedging,
    CircuitBreakerPolicy circuitBreaker,
    Duration connectTimeout,
    Duration silenceTimeout,
    HttpClient.Version httpVersion,
    String extraBody,
    Map<String, String> headers,
    boolean checkAtOpen)
    implements RuntimeSpec {

  private static final long serialVersionUID = 1L;

  /**
   * @throws IllegalArgumentException naming what is wrong, and the remedy
   */
  public RemoteSpec {
    Objects.requireNonNull(preset, "preset");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(reasoning, "reasoning");
    Objects.requireNonNull(concurrency, "concurrency");
    Objects.requireNonNull(rateLimits, "rateLimits");
    Objects.requireNonNull(hedging, "hedging");
    Objects.requireNonNull(circuitBreaker, "circuitBreaker");
    Objects.requireNonNull(httpVersion, "httpVersion");
    headers = Map.copyOf(headers);
    if (model.isBlank()) {
      throw new IllegalArgumentException(
          "no model is named; name one that %s serves".formatted(baseUrl));
    }
    requireUrl(baseUrl);
    Json.objectOrThrow(extraBody, "the extra body");
    if (contextTokens < 2 || maxWaiting < 0) {
      throw new IllegalArgumentException(
          "the context is %d tokens and %d requests may wait; it must be 2 or more, and 0 or more"
              .formatted(contextTokens, maxWaiting));
    }
    requirePositive(connectTimeout, "connect");
    requirePositive(silenceTimeout, "silence");
  }

  private static void requireUrl(String baseUrl) {
    URI uri;
    try {
      uri = URI.create(baseUrl);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the base URL '" + baseUrl + "' is none", e);
    }
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!http || uri.getHost() == null || uri.getUserInfo() != null || uri.getQuery() != null) {
      throw new IllegalArgumentException(
          "the base URL of a model must be http(s)://HOST[:PORT][/PATH], without user, key or query");
    }
    if (baseUrl.endsWith("/")) {
      throw new IllegalArgumentException(
          "the base URL '%s' ends in a slash; leave it out".formatted(baseUrl));
    }
  }

  private static void requirePositive(Duration timeout, String name) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "the %s timeout is %s; it must be above 0".formatted(name, timeout));
    }
  }

  /** A preset's endpoint with a model of it. */
  public static RemoteSpec of(RemotePreset preset, String model) {
    return builder(preset, model).build();
  }

  public static Builder builder(RemotePreset preset, String model) {
    return new Builder(preset, model);
  }

  /** The same endpoint with other settings. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  @Override
  public RemoteRuntime open() throws RuntimeLoadException {
    return RemoteRuntime.open(this);
  }

  @Override
  public boolean holdsModel() {
    return false;
  }

  /** Host and port, for messages. */
  String endpoint() {
    return URI.create(baseUrl).getAuthority();
  }

  /** Starts from the preset. Confined to one thread. */
  public static final class Builder {
    private final RemotePreset preset;
    private final String model;
    private String baseUrl;
    private SecretReference key;
    private Reasoning reasoning;
    private int contextTokens = 131_072;
    private AdaptiveLimit.Bounds concurrency = new AdaptiveLimit.Bounds(32, 1, 1_024);
    private int maxWaiting = 10_000;
    private RateLimits rateLimits = RateLimits.NONE;
    private Hedging hedging = Hedging.OFF;
    private CircuitBreakerPolicy circuitBreaker =
        new CircuitBreakerPolicy(5, Duration.ofSeconds(1), Duration.ofSeconds(30));
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration silenceTimeout = Duration.ofMinutes(5);
    private HttpClient.Version httpVersion = HttpClient.Version.HTTP_1_1;
    private String extraBody = "{}";
    private Map<String, String> headers = Map.of();
    private boolean checkAtOpen = true;

    private Builder(RemotePreset preset, String model) {
      this.preset = preset;
      this.model = model;
      this.baseUrl = preset.baseUrl();
      this.key = preset.key();
      this.reasoning = preset.dialect().reasoning();
    }

    private Builder(RemoteSpec spec) {
      this.preset = spec.preset;
      this.model = spec.model;
      this.baseUrl = spec.baseUrl;
      this.key = spec.key;
      this.reasoning = spec.reasoning;
      this.contextTokens = spec.contextTokens;
      this.concurrency = spec.concurrency;
      this.maxWaiting = spec.maxWaiting;
      this.rateLimits = spec.rateLimits;
      this.hedging = spec.hedging;
      this.circuitBreaker = spec.circuitBreaker;
      this.connectTimeout = spec.connectTimeout;
      this.silenceTimeout = spec.silenceTimeout;
      this.httpVersion = spec.httpVersion;
      this.extraBody = spec.extraBody;
      this.headers = spec.headers;
      this.checkAtOpen = spec.checkAtOpen;
    }

    public Builder baseUrl(String value) {
      baseUrl = value;
      return this;
    }

    public Builder key(SecretReference value) {
      key = value;
      return this;
    }

    public Builder reasoning(Reasoning value) {
      reasoning = value;
      return this;
    }

    public Builder contextTokens(int value) {
      contextTokens = value;
      return this;
    }

    public Builder concurrency(AdaptiveLimit.Bounds value) {
      concurrency = value;
      return this;
    }

    public Builder maxWaiting(int value) {
      maxWaiting = value;
      return this;
    }

    public Builder rateLimits(RateLimits value) {
      rateLimits = value;
      return this;
    }

    public Builder hedging(Hedging value) {
      hedging = value;
      return this;
    }

    public Builder circuitBreaker(CircuitBreakerPolicy value) {
      circuitBreaker = value;
      return this;
    }

    public Builder connectTimeout(Duration value) {
      connectTimeout = value;
      return this;
    }

    public Builder silenceTimeout(Duration value) {
      silenceTimeout = value;
      return this;
    }

    public Builder httpVersion(HttpClient.Version value) {
      httpVersion = value;
      return this;
    }

    public Builder extraBody(String value) {
      extraBody = value;
      return this;
    }

    public Builder headers(Map<String, String> value) {
      headers = value;
      return this;
    }

    public Builder checkAtOpen(boolean value) {
      checkAtOpen = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming what is wrong, and the remedy
     */
    public RemoteSpec build() {
      return new RemoteSpec(
          preset,
          model,
          baseUrl,
          key,
          reasoning,
          contextTokens,
          concurrency,
          maxWaiting,
          rateLimits,
          hedging,
          circuitBreaker,
          connectTimeout,
          silenceTimeout,
          httpVersion,
          extraBody,
          headers,
          checkAtOpen);
    }
  }
}
