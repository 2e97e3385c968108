package ai.falaj.schemas.registry;

import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where the schema registry is, and how to get in. Serializable, so that it can travel in a Flink
 * job; {@link #toString()} shows no secret.
 *
 * <p>Settings are those of Confluent's client: {@code basic.auth.credentials.source} and {@code
 * basic.auth.user.info}, {@code bearer.auth.*}, {@code http.connect.timeout.ms}, {@code
 * http.read.timeout.ms}, {@code proxy.*}, each also with the prefix {@code schema.registry.}, and
 * TLS with {@code schema.registry.ssl.*}.
 *
 * @param urls base URLs of one registry, tried in turn; at least one
 * @param extra settings of the registry's client
 */
public record RegistryConfig(List<String> urls, Map<String, String> extra) implements Serializable {

  private static final long serialVersionUID = 1;

  /** Base URLs of the registry, separated by commas. */
  public static final String URL = "schema.registry.url";

  private static final String PREFIX = "schema.registry.";
  private static final List<String> CLIENT_PREFIXES =
      List.of(PREFIX, "basic.auth.", "bearer.auth.", "http.connect.", "http.read.", "proxy.");

  /**
   * @throws IllegalArgumentException where there is no URL, or one that is not http or https
   */
  public RegistryConfig {
    urls = List.copyOf(urls);
    extra = Map.copyOf(extra);
    if (urls.isEmpty()) {
      throw new IllegalArgumentException(
          "No schema registry is configured; set "
              + URL
              + ", for example to http://localhost:8081");
    }
    urls.forEach(RegistryConfig::requireHttpUrl);
  }

  /**
   * A registry that asks for no credentials.
   *
   * @param urls one base URL, or several separated by commas
   */
  public static RegistryConfig of(String urls) {
    return new RegistryConfig(split(urls), Map.of());
  }

  /**
   * Picks the registry's settings out of a Kafka client's configuration or any other properties and
   * leaves the rest alone.
   *
   * @throws IllegalArgumentException where {@value #URL} is absent or wrong
   */
  public static RegistryConfig fromProperties(Map<String, ?> properties) {
    Map<String, String> extra = new TreeMap<>();
    properties.forEach(
        (key, value) -> {
          if (value != null && !key.equals(URL) && isClientSetting(key)) {
            extra.put(key, value.toString());
          }
        });
    Object url = properties.get(URL);
    return new RegistryConfig(url == null ? List.of() : split(url.toString()), extra);
  }

  /** The URLs as they may be shown: without user and password. */
  public String displayUrls() {
    return urls.stream().map(RegistryConfig::redact).collect(Collectors.joining(","));
  }

  /** URLs without credentials, and the names of the settings without their values. */
  @Override
  public String toString() {
    return "RegistryConfig[urls="
        + displayUrls()
        + ", extra="
        + new TreeSet<>(extra.keySet())
        + "]";
  }

  private static void requireHttpUrl(String url) {
    if (!url.startsWith("http://") && !url.startsWith("https://")) {
      throw new IllegalArgumentException(
          URL + " has " + redact(url) + "; it must start with http:// or https://");
    }
    try {
      new URI(url);
    } catch (URISyntaxException e) {
      // The exception's own message quotes the URL with its credentials.
      throw new IllegalArgumentException(
          URL + " has " + redact(url) + ", which is no URL: " + e.getReason());
    }
  }

  private static boolean isClientSetting(String key) {
    return CLIENT_PREFIXES.stream().anyMatch(key::startsWith);
  }

  private static List<String> split(String urls) {
    Objects.requireNonNull(urls, "urls");
    return Arrays.stream(urls.split(",")).map(String::strip).filter(u -> !u.isEmpty()).toList();
  }

  /** Drops {@code user:password@}, wherever it stands before the path. */
  private static String redact(String url) {
    int authority = url.indexOf("://") < 0 ? 0 : url.indexOf("://") + 3;
    int path = url.indexOf('/', authority);
    int at = url.lastIndexOf('@', path < 0 ? url.length() : path);
    return at < authority ? url : url.substring(0, authority) + url.substring(at + 1);
  }
}
