package ai.falaj.jobs.deadletters;

import ai.falaj.schemas.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Brings letters, their original bytes and the sender together. Letters of a partition are sent in
 * its order. Confined to one thread.
 */
final class RetryRun {

  private final DeadLetterTopic topic;
  private final SourceRecords sources;
  private final LetterSender sender;

  RetryRun(DeadLetterTopic topic, SourceRecords sources, LetterSender sender) {
    this.topic = topic;
    this.sources = sources;
    this.sender = sender;
  }

  /**
   * Sends letters and commits them.
   *
   * @param progress told how many were sent so far
   * @return those that could not be sent, because their records are nowhere any more
   */
  List<Letter> send(List<Letter> letters, LongConsumer progress) {
    List<Letter> gone = new ArrayList<>();
    gone.addAll(
        topic.visit(
            letters,
            (letter, content, message) -> {
              Optional<Original> original = original(letter, content);
              if (original.isPresent()) {
                sender.send(letter, original.get(), message);
              } else {
                gone.add(letter);
              }
              progress.accept(sender.sent());
            }));
    sender.commit();
    return gone;
  }

  private Optional<Original> original(Letter letter, DeadLetter content) {
    Optional<Original> copied = Original.of(content);
    return copied.isPresent() ? copied : sources.fetch(letter);
  }
}
