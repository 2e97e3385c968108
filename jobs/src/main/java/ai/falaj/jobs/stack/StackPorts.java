package ai.falaj.jobs.stack;

/**
 * Ports the local stack listens on; 0 lets the system choose.
 *
 * @param kafka of the broker
 * @param registry of the schema registry
 * @param flink of Flink's REST API and web UI
 */
public record StackPorts(int kafka, int registry, int flink) {

  /** What the documentation names. */
  public static final StackPorts DEFAULT = new StackPorts(9092, 8082, 8088);

  /** All three chosen by the system. */
  public static final StackPorts EPHEMERAL = new StackPorts(0, 0, 0);

  /** The same ports, each moved by that much; those the system chooses stay so. */
  public StackPorts plus(int offset) {
    return new StackPorts(moved(kafka, offset), moved(registry, offset), moved(flink, offset));
  }

  private static int moved(int port, int offset) {
    return port == 0 ? 0 : port + offset;
  }

  /**
   * Chooses what is 0 and checks that the others are free and differ.
   *
   * @throws StackException naming the port and the option to change it
   */
  StackPorts settled() {
    requireDifferent(kafka, registry, "--kafka-port", "--registry-port");
    requireDifferent(kafka, flink, "--kafka-port", "--flink-port");
    requireDifferent(registry, flink, "--registry-port", "--flink-port");
    return new StackPorts(
        Ports.settle(kafka, "--kafka-port"),
        Ports.settle(registry, "--registry-port"),
        Ports.settle(flink, "--flink-port"));
  }

  private static void requireDifferent(int one, int other, String oneFlag, String otherFlag) {
    if (one != 0 && one == other) {
      throw StackException.prerequisite(
          oneFlag + " and " + otherFlag + " are both " + one, "give them different ports");
    }
  }
}
