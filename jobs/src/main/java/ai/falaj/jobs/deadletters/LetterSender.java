package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.schemas.RetryHeader;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.Header;

/**
 * Sends prompts again, each with the mark that says so in one transaction: both are there or none.
 *
 * <p>{@link #takeOver} comes first: it ends what an earlier sender left open, and shuts out one
 * that still runs, so that the marks that are read after it are all there will ever be but for this
 * sender's own. A letter without a mark by then was never sent.
 *
 * <p>Transactions hold a bounded number of letters and bytes. A failure ends the command; whatever
 * it left undone, the next run finds out. Confined to one thread, but for {@link #close}.
 */
final class LetterSender implements AutoCloseable {

  static final int LETTERS_PER_TRANSACTION = 500;
  static final int BYTES_PER_TRANSACTION = 8 * 1024 * 1024;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final String RUN_AGAIN = "run it again: what was sent is not sent twice";

  private final Producer<byte[], byte[]> producer;
  private final String lettersTopic;
  private final Optional<String> target;
  private int letters;
  private long bytes;
  private long sent;

  /**
   * @param lettersTopic where the letters lie and their marks go
   * @param target topic to send to; empty: the one each letter's record was read from
   */
  LetterSender(Producer<byte[], byte[]> producer, String lettersTopic, Optional<String> target) {
    this.producer = producer;
    this.lettersTopic = lettersTopic;
    this.target = target;
  }

  /** Ends the transaction that another sender of these letters may have open, and shuts it out. */
  void takeOver() {
    try {
      producer.initTransactions();
    } catch (AuthorizationException e) {
      throw CliException.usage(
          "the broker does not let this client use transactions: " + e.getMessage(),
          "allow it the transactional id " + KafkaClients.transactionalId(lettersTopic),
          e);
    } catch (KafkaException e) {
      throw CliException.failure(
          "no transaction can be begun: " + e.getMessage(), "see the broker's log", e);
    }
  }

  /**
   * Adds a letter to the transaction, and commits it when it is full.
   *
   * @param message the record that the letter was read from, for its key and trace context
   */
  void send(Letter letter, Original original, ConsumerRecord<byte[], byte[]> message) {
    guarded(
        () -> {
          if (letters > 0 && bytes + original.size() > BYTES_PER_TRANSACTION) {
            commitOpen();
          }
          if (letters == 0) {
            producer.beginTransaction();
          }
          producer.send(prompt(letter, original, message));
          producer.send(RetryMark.of(lettersTopic, letter, message.key()));
          letters++;
          bytes += original.size();
          if (letters == LETTERS_PER_TRANSACTION) {
            commitOpen();
          }
        });
  }

  /** Commits what is not committed yet. */
  void commit() {
    guarded(
        () -> {
          if (letters > 0) {
            commitOpen();
          }
        });
  }

  /** Letters whose transactions are committed. */
  long sent() {
    return sent;
  }

  private ProducerRecord<byte[], byte[]> prompt(
      Letter letter, Original original, ConsumerRecord<byte[], byte[]> message) {
    ProducerRecord<byte[], byte[]> prompt =
        new ProducerRecord<>(target.orElse(letter.sourceTopic()), original.key(), original.value());
    Header trace = message.headers().lastHeader(PromptProducer.TRACEPARENT);
    if (trace != null) {
      prompt.headers().add(trace);
    }
    RetryHeader.write(letter.retries() + 1, prompt.headers());
    return prompt;
  }

  private void commitOpen() {
    producer.commitTransaction();
    sent += letters;
    letters = 0;
    bytes = 0;
  }

  private void guarded(Runnable action) {
    try {
      action.run();
    } catch (KafkaException e) {
      Throwable why = root(e);
      if (why instanceof ProducerFencedException || why instanceof InvalidProducerEpochException) {
        throw CliException.failure(
            "another 'falaj dead-letters retry' took over after " + sent + " letters",
            "when it has ended, " + RUN_AGAIN,
            e);
      }
      throw CliException.failure(
          "the broker took " + sent + " letters and then failed: " + why.getMessage(),
          RUN_AGAIN,
          e);
    }
  }

  /** The producer wraps why a transaction failed into that it cannot go on. */
  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Takes back what is not committed. Any thread; more than once does no harm. */
  @Override
  public void close() {
    producer.close(CLOSE_LIMIT);
  }
}
