package ai.falaj.jobs.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback interface, which is the only one the local stack listens on. */
public final class Ports {

  /** The address all parts of the local stack listen on. */
  public static final String HOST = "127.0.0.1";

  private static final int MAX_PORT = 65_535;
  private static final int FIRST_UNUSED_PORT = 20_000;
  private static final int FIRST_OUTGOING_PORT = 32_768;
  private static final int MAX_ATTEMPTS = 100;

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
      return unused();
    }
    if (isFree(wanted)) {
      return wanted;
    }
    String owner =
        PortOwner.pidOf(wanted).stream().mapToObj(pid -> " by pid " + pid).findFirst().orElse("");
    throw StackException.prerequisite(
        "port " + wanted + " is taken" + owner, "choose another with " + flag);
  }

  /**
   * A port that is free now and likely to stay so until a server binds it, seconds later: below the
   * ranges from which systems take the ports of outgoing connections (32768 on Linux, 49152
   * elsewhere), one of which would otherwise take it in between.
   */
  public static int unused() {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_UNUSED_PORT, FIRST_OUTGOING_PORT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "none of %d ports tried between %d and %d is free"
            .formatted(MAX_ATTEMPTS, FIRST_UNUSED_PORT, FIRST_OUTGOING_PORT));
  }
}
