package ai.falaj.jobs.stack;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;

/**
 * What local stack to start.
 *
 * @param home root of the installation
 * @param stateDirectory holds the lock, {@code stack.json} and the parts' data; one stack at a time
 * @param logDirectory where the parts' logs go
 * @param ports to listen on
 * @param topics to create
 * @param partitions of each topic
 * @param slots of the one TaskManager
 * @param flink settings that win over the local stack's own
 * @param progress told one line per step, from the threads that start the parts
 */
public record LocalStackOptions(
    Path home,
    Path stateDirectory,
    Path logDirectory,
    StackPorts ports,
    List<String> topics,
    int partitions,
    int slots,
    Configuration flink,
    Consumer<String> progress) {

  public LocalStackOptions {
    topics = List.copyOf(topics);
    flink = new Configuration(flink);
    if (partitions < 1) {
      throw StackException.prerequisite(
          "--partitions is " + partitions, "give a topic at least one partition");
    }
    if (slots < 1) {
      throw StackException.prerequisite("--slots is " + slots, "give Flink at least one slot");
    }
  }

  /** The defaults: 4 partitions, 4 slots, the documented ports, no topics. */
  public static LocalStackOptions in(Path home, Path stateDirectory, Path logDirectory) {
    return new LocalStackOptions(
        home,
        stateDirectory,
        logDirectory,
        StackPorts.DEFAULT,
        List.of(),
        4,
        4,
        new Configuration(),
        line -> {});
  }

  public LocalStackOptions withPorts(StackPorts value) {
    return new LocalStackOptions(
        home, stateDirectory, logDirectory, value, topics, partitions, slots, flink, progress);
  }

  public LocalStackOptions withTopics(List<String> value, int partitionsOfEach) {
    return new LocalStackOptions(
        home, stateDirectory, logDirectory, ports, value, partitionsOfEach, slots, flink, progress);
  }

  public LocalStackOptions withSlots(int value) {
    return new LocalStackOptions(
        home, stateDirectory, logDirectory, ports, topics, partitions, value, flink, progress);
  }

  public LocalStackOptions withFlink(Configuration value) {
    return new LocalStackOptions(
        home, stateDirectory, logDirectory, ports, topics, partitions, slots, value, progress);
  }

  public LocalStackOptions withProgress(Consumer<String> value) {
    return new LocalStackOptions(
        home, stateDirectory, logDirectory, ports, topics, partitions, slots, flink, value);
  }
}
