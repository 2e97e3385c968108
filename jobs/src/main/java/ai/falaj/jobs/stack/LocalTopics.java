package ai.falaj.jobs.stack;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates topics; those that exist already stay as they are. */
public final class LocalTopics {

  private static final int LIMIT_S = 30;

  private LocalTopics() {}

  /**
   * Creates the topics and waits until the broker knows them.
   *
   * @param partitions of each topic
   * @throws StackException when the broker does not answer or refuses
   */
  public static void create(String bootstrapServers, List<String> topics, int partitions) {
    create(
        bootstrapServers,
        topics.stream()
            .map(topic -> new NewTopic(topic, Optional.of(partitions), Optional.empty()))
            .toList());
  }

  /**
   * The same of one topic with one partition, of which the broker keeps the last record of each
   * key.
   */
  public static void createCompacted(String bootstrapServers, String topic) {
    NewTopic wanted = new NewTopic(topic, Optional.of(1), Optional.empty());
    create(
        bootstrapServers,
        List.of(
            wanted.configs(
                Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT))));
  }

  private static void create(String bootstrapServers, List<NewTopic> wanted) {
    Properties properties = new Properties();
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    try (Admin admin = Admin.create(properties)) {
      CreateTopicsResult result = admin.createTopics(wanted);
      for (Map.Entry<String, KafkaFuture<Void>> topic : result.values().entrySet()) {
        await(topic.getKey(), topic.getValue());
      }
      awaitKnown(admin, wanted.stream().map(NewTopic::name).toList());
    }
  }

  /** The controller has created a topic a moment before the broker tells clients of it. */
  private static void awaitKnown(Admin admin, List<String> topics) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_S);
    while (true) {
      try {
        admin.describeTopics(topics).allTopicNames().get(LIMIT_S, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        boolean mayCome = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!mayCome || System.nanoTime() > deadline) {
          throw notCreated(String.join(", ", topics), e.getCause());
        }
      } catch (TimeoutException e) {
        throw notCreated(String.join(", ", topics), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw notCreated(String.join(", ", topics), e);
      }
    }
  }

  private static void await(String topic, KafkaFuture<Void> creation) {
    try {
      creation.get(LIMIT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw notCreated(topic, e.getCause());
      }
    } catch (TimeoutException e) {
      throw notCreated(topic, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notCreated(topic, e);
    }
  }

  private static StackException notCreated(String topic, Throwable cause) {
    return StackException.failure(
        "topic " + topic + " could not be created: " + cause.getMessage(),
        "look at the broker's log",
        cause);
  }
}
