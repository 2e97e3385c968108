package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalKafkaIT {

  private static final String TOPIC = "letters";

  @TempDir private Path directory;

  @Test
  void carriesCommittedTransactionsAndLeavesNothingBehind() throws Exception {
    Path data = directory.resolve("kafka");
    long pid;
    try (LocalKafka kafka =
        LocalKafka.start(
            Path.of(System.getProperty("falaj.home")),
            data,
            directory.resolve("kafka.log"),
            Ports.unused())) {
      pid = kafka.pid();
      LocalTopics.create(kafka.bootstrapServers(), List.of(TOPIC), 3);
      LocalTopics.create(kafka.bootstrapServers(), List.of(TOPIC), 3);

      produce(kafka.bootstrapServers(), "a", "b");

      assertThat(consume(kafka.bootstrapServers(), 2)).containsExactlyInAnyOrder("a", "b");
      assertThat(partitions(kafka.bootstrapServers())).isEqualTo(3);
    }
    assertThat(ProcessHandle.of(pid)).isEmpty();
    assertThat(data).doesNotExist();
  }

  @Test
  void keepsItsDataAndItsPortThroughAKill() throws Exception {
    try (LocalKafka kafka =
        LocalKafka.start(
            Path.of(System.getProperty("falaj.home")),
            directory.resolve("kafka"),
            directory.resolve("kafka.log"),
            Ports.unused())) {
      LocalTopics.create(kafka.bootstrapServers(), List.of(TOPIC), 1);
      produce(kafka.bootstrapServers(), "a");
      long firstPid = kafka.pid();

      kafka.kill();
      assertThat(ProcessHandle.of(firstPid)).isEmpty();
      kafka.restart();
      produce(kafka.bootstrapServers(), "b");

      assertThat(consume(kafka.bootstrapServers(), 2)).containsExactly("a", "b");
      assertThat(directory.resolve("kafka-2.log")).isNotEmptyFile();
    }
  }

  private static void produce(String bootstrapServers, String... values) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "transactional.id", "test"),
            new StringSerializer(),
            new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (String value : values) {
        producer.send(new ProducerRecord<>(TOPIC, value, value)).get(20, TimeUnit.SECONDS);
      }
      producer.commitTransaction();
    }
  }

  private static List<String> consume(String bootstrapServers, int count) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = consumer(bootstrapServers)) {
      consumer.subscribe(List.of(TOPIC));
      while (values.size() < count) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }

  private static int partitions(String bootstrapServers) {
    try (KafkaConsumer<String, String> consumer = consumer(bootstrapServers)) {
      return consumer.partitionsFor(TOPIC).size();
    }
  }

  private static KafkaConsumer<String, String> consumer(String bootstrapServers) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", bootstrapServers,
            "group.id", "test",
            "auto.offset.reset", "earliest",
            "isolation.level", "read_committed"),
        new StringDeserializer(),
        new StringDeserializer());
  }
}
