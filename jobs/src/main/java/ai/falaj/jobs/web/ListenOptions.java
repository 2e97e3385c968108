package ai.falaj.jobs.web;

import ai.falaj.jobs.cli.CliException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options of the commands that serve HTTP: where they listen. */
public final class ListenOptions {

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "Listen on this address (default: 127.0.0.1, so this machine only).")
  private String address;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Listen on this port; 0 lets the system choose.")
  private Integer port;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description = "A name by which clients may call this server; as often as needed.")
  private Set<String> allowedHosts = new LinkedHashSet<>();

  /**
   * What these options ask for.
   *
   * @param isProtected whether callers need a secret
   * @param remedy how to have one, as an imperative
   * @throws CliException where the address is none, or others could connect without a secret
   */
  public ListenSettings resolve(int defaultPort, boolean isProtected, String remedy) {
    ListenSettings settings;
    try {
      settings =
          new ListenSettings(resolveAddress(), port == null ? defaultPort : port, allowedHosts);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "correct --port", e);
    }
    if (!settings.isLoopback() && !isProtected) {
      throw CliException.usage(
          "--address " + address + " lets other machines connect and nothing protects it", remedy);
    }
    return settings;
  }

  /** Whether the port was asked for, so that no other may be taken. */
  public boolean namesPort() {
    return port != null;
  }

  private InetAddress resolveAddress() {
    if (address == null) {
      return ListenSettings.loopbackAddress();
    }
    if (address.isBlank()) {
      throw CliException.usage("--address is empty", "give an address of this machine");
    }
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw CliException.usage(
          "--address " + address + " is not known", "give an address of this machine", e);
    }
  }
}
