package ai.falaj.operators.kafka.access;

import ai.falaj.operators.kafka.access.BrokerAccessException.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.apache.kafka.common.utils.Utils;

/**
 * Settings that name a secret in place of holding it, as Kafka's own configuration providers read
 * them: {@code ${env:NAME}}, {@code ${file:/path/to.properties:key}} and {@code
 * ${directory:/path:file}}, which is what a mounted Kubernetes secret is. Each client resolves them
 * by itself where it runs, so that no configuration, log or page of a cluster shows more than the
 * name. Pure.
 */
public final class SecretReferences {

  private static final String PROVIDERS = "config.providers";

  private static final Map<String, Supplier<ConfigProvider>> KNOWN =
      new TreeMap<>(
          Map.of(
              "env", EnvVarConfigProvider::new,
              "file", FileConfigProvider::new,
              "directory", DirectoryConfigProvider::new));

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file|directory):([^}]*)\\}");

  private SecretReferences() {}

  /**
   * The settings, with the providers that their references need. Where {@code config.providers} is
   * among them, they are returned as they are.
   */
  public static <V> Map<String, Object> resolvable(Map<String, V> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    boolean refers =
        settings.values().stream()
            .anyMatch(value -> value instanceof String text && REFERENCE.matcher(text).find());
    if (refers && !settings.containsKey(PROVIDERS)) {
      all.put(PROVIDERS, String.join(",", KNOWN.keySet()));
      KNOWN.forEach(
          (name, type) ->
              all.put(PROVIDERS + "." + name + ".class", type.get().getClass().getName()));
    }
    return all;
  }

  /**
   * Kafka leaves a reference to what is not there as it stands, which then is a wrong password.
   *
   * @throws BrokerAccessException naming the setting and what it refers to
   */
  static void requireResolved(Map<String, ?> settings) throws BrokerAccessException {
    Map<String, String> references = new TreeMap<>();
    settings.forEach(
        (name, value) -> {
          if (value instanceof String text && REFERENCE.matcher(text).find()) {
            references.put(name, text);
          }
        });
    Map<String, ConfigProvider> providers = new HashMap<>();
    KNOWN.forEach((name, provider) -> providers.put(name, provider.get()));
    providers.values().forEach(provider -> provider.configure(Map.of()));
    try {
      for (Map.Entry<String, String> setting :
          new ConfigTransformer(providers).transform(references).data().entrySet()) {
        Matcher unresolved = REFERENCE.matcher(setting.getValue());
        if (unresolved.find()) {
          throw settings(
              setting.getKey() + " names " + unresolved.group() + ", which is not there", null);
        }
      }
    } catch (ConfigException e) {
      throw settings(e.getMessage(), e);
    } finally {
      providers.values().forEach(provider -> Utils.closeQuietly(provider, "provider"));
    }
  }

  private static BrokerAccessException settings(String problem, Throwable cause) {
    return new BrokerAccessException(
        Kind.SETTINGS, problem, "set it wherever a client of the job runs", cause);
  }
}
