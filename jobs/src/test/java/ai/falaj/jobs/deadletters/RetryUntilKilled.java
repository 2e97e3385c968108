package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.Producer;

/**
 * A retry that has committed its first letter and written the second, uncommitted, when it is
 * killed: it says so and waits for that. A process of its own.
 */
final class RetryUntilKilled {

  static final String READY = "ready to be killed";

  private RetryUntilKilled() {}

  /**
   * @param args bootstrap servers, registry's URL, topic of the dead letters
   */
  public static void main(String[] args) throws InterruptedException {
    Connection bare = Connection.of(args[0], args[1]);
    Connection connection =
        new Connection(
            bare.bootstrapServers(),
            bare.registry(),
            Map.of(),
            Map.of(RecordKind.DEAD_LETTERS, args[2]));
    Producer<byte[], byte[]> producer = KafkaClients.producer(connection, args[2]);
    LetterSender sender = new LetterSender(producer, args[2], Optional.empty());
    sender.takeOver();
    try (LetterAccess access = LetterAccess.open(connection)) {
      List<Letter> letters = access.topic().index(LetterFilter.ALL, left -> {}).letters();
      access
          .topic()
          .visit(
              letters.subList(0, 2),
              (letter, content, message) -> {
                sender.send(letter, Original.of(content).orElseThrow(), message);
                if (sender.sent() == 0) {
                  sender.commit();
                }
              });
    }
    producer.flush();
    System.out.println(READY);
    new CountDownLatch(1).await();
  }
}
