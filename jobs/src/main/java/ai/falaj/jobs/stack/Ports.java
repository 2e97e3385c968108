package ai.falaj.jobs.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of the loopback interface, which is the only one the local stack listens on. */
public final class Ports {

  /** The address all parts of the local stack listen on. */
  public static final String HOST = "127.0.0.1";

  private static final int MAX_PORT = 65_535;

  private Ports() {}

  /** Whether a server could listen on that port now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Settles a wanted port: 0 becomes a free one, any other must be free.
   *
   * <p>Between this check and the bind of the server another process may take the port; the server
   * then fails to start and its log says so.
   *
   * @param wanted 0 to 65535
   * @param flag the option with which the user can choose another, for the message
   * @throws StackException naming who holds the port, where the system tells
   */
  static int settle(int wanted, String flag) {
    if (wanted < 0 || wanted > MAX_PORT) {
      throw StackException.prerequisite(
          "port " + wanted + " is not between 0 and " + MAX_PORT, "choose another with " + flag);
    }
    if (wanted == 0) {
      return ephemeral();
    }
    if (isFree(wanted)) {
      return wanted;
    }
    String owner =
        PortOwner.pidOf(wanted).stream().mapToObj(pid -> " by pid " + pid).findFirst().orElse("");
    throw StackException.prerequisite(
        "port " + wanted + " is taken" + owner, "choose another with " + flag);
  }

  /** A port that is free now, chosen by the system. */
  static int ephemeral() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("the system has no free port", e);
    }
  }
}
