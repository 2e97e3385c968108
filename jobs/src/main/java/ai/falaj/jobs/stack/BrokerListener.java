package ai.falaj.jobs.stack;

import java.util.Map;
import java.util.Objects;

/**
 * A listener of the local broker beside the one without encryption. Immutable.
 *
 * @param name of the listener, in capitals
 * @param protocol {@code PLAINTEXT}, {@code SSL}, {@code SASL_PLAINTEXT} or {@code SASL_SSL}
 * @param port to listen on, known to be free
 * @param settings of the broker for this listener alone, such as {@code ssl.keystore.location}
 */
public record BrokerListener(String name, String protocol, int port, Map<String, String> settings) {

  public BrokerListener {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(protocol, "protocol");
    settings = Map.copyOf(settings);
  }

  /** Where clients connect: host and port. */
  public String bootstrapServers() {
    return Ports.HOST + ":" + port;
  }

  String address() {
    return name + "://" + bootstrapServers();
  }
}
