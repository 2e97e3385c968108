package ai.falaj.jobs.web;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a server listens and by which names it may be called. Immutable.
 *
 * @param address of the interface; of all of them where it is the wildcard
 * @param port 0 lets the system choose
 * @param allowedHosts names in {@code Host} headers that are taken beside {@code localhost} and IP
 *     addresses; lower case, without a port
 */
public record ListenSettings(InetAddress address, int port, Set<String> allowedHosts) {

  private static final int MAX_PORT = 65_535;

  public ListenSettings {
    Objects.requireNonNull(address, "address");
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port is " + port + "; it must be 0 to " + MAX_PORT);
    }
    allowedHosts =
        allowedHosts.stream()
            .map(host -> host.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** This machine only. */
  public static ListenSettings loopback(int port) {
    return new ListenSettings(loopbackAddress(), port, Set.of());
  }

  static InetAddress loopbackAddress() {
    return InetAddress.getLoopbackAddress();
  }

  /** Whether only this machine can connect. */
  public boolean isLoopback() {
    return address.isLoopbackAddress();
  }

  public ListenSettings withPort(int value) {
    return new ListenSettings(address, value, allowedHosts);
  }
}
