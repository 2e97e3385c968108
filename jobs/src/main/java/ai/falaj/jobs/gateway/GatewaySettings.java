package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.web.ListenSettings;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a {@link Gateway} serves, where and to whom. Immutable.
 *
 * @param keys of the callers; empty: everybody on this machine
 * @param models that it lists
 * @param maxInFlight requests under way in all
 * @param maxInFlightPerTenant of one tenant
 * @param timeout of a request
 */
record GatewaySettings(
    Connection connection,
    ListenSettings listen,
    Optional<ApiKeys> keys,
    List<String> models,
    int maxInFlight,
    int maxInFlightPerTenant,
    Duration timeout) {

  static final int DEFAULT_PORT = 8000;

  /**
   * @throws IllegalArgumentException where others could connect without a key, or a bound is below
   *     1
   */
  GatewaySettings {
    Objects.requireNonNull(connection, "connection");
    models = List.copyOf(models);
    if (!listen.isLoopback() && keys.isEmpty()) {
      throw new IllegalArgumentException("other machines may connect only with keys");
    }
    if (maxInFlight < 1 || maxInFlightPerTenant < 1 || timeout.toMillis() < 1) {
      throw new IllegalArgumentException("requests in flight and their timeout must be at least 1");
    }
  }
}
