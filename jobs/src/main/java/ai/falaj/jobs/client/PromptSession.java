package ai.falaj.jobs.client;

import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * One prompt from its sending to its end. The reader must have been opened before, so that no chunk
 * is missed. Confined to one thread.
 */
final class PromptSession {

  /** How a prompt ended for its client. */
  sealed interface Outcome {
    /** The last chunk of each sample is here and none is missing; the completion may follow. */
    record Streamed() implements Outcome {}

    record Completed(Completion completion) implements Outcome {}

    record DeadLettered(DeadLetter deadLetter) implements Outcome {}

    /** Nothing came for as long as the client wanted to wait. */
    record TimedOut() implements Outcome {}
  }

  /** Told of text as it comes. */
  interface Listener {
    /**
     * @param text what is known of the sample that the update belongs to
     */
    void onText(ChunkAssembler.Update update, ChunkAssembler text);
  }

  private static final Duration POLL = Duration.ofMillis(200);

  private final PromptRequest prompt;
  private final ResultReader reader;
  private final Interrupt interrupt;
  private final CompletionAssembler text;
  private final boolean endsWithLastChunk;
  private RecordMetadata place;
  private long sentNanos;
  private long firstTextNanos;
  private long lastTextNanos;

  /**
   * @param endsWithLastChunk whether the text is enough; false: the completion is waited for
   */
  PromptSession(
      PromptRequest prompt, ResultReader reader, Interrupt interrupt, boolean endsWithLastChunk) {
    this.prompt = prompt;
    this.reader = reader;
    this.interrupt = interrupt;
    this.endsWithLastChunk = endsWithLastChunk;
    Integer samples = prompt.getSampling() == null ? null : prompt.getSampling().getN();
    text = new CompletionAssembler(prompt.getRequestId(), samples == null ? 1 : samples);
  }

  /**
   * Sends the prompt and follows it.
   *
   * @param patience longest time without any sign of the prompt
   */
  Outcome run(PromptProducer producer, Duration patience, Listener listener)
      throws InterruptedException, ExecutionException {
    sentNanos = System.nanoTime();
    place = producer.send(prompt).get();
    long lastSignNanos = System.nanoTime();
    while (System.nanoTime() - lastSignNanos < patience.toNanos()) {
      for (ReadRecord message : reader.poll(POLL)) {
        if (!isMine(message)) {
          continue;
        }
        lastSignNanos = System.nanoTime();
        Optional<Outcome> outcome = apply(message, listener);
        if (outcome.isPresent()) {
          return outcome.get();
        }
      }
      interrupt.holdIfRaised();
    }
    return new Outcome.TimedOut();
  }

  private boolean isMine(ReadRecord message) {
    return message.requestId().map(prompt.getRequestId()::equals).orElse(false)
        || message.value(DeadLetter.class).filter(this::holdsMyRecord).isPresent();
  }

  /** A dead letter of a record that could not be decoded names no request, but its place. */
  private boolean holdsMyRecord(DeadLetter letter) {
    return letter.getRequestId() == null
        && letter.getSourceTopic().equals(place.topic())
        && letter.getSourcePartition() == place.partition()
        && letter.getSourceOffset() == place.offset();
  }

  private Optional<Outcome> apply(ReadRecord message, Listener listener) {
    Optional<CompletionChunk> chunk = message.value(CompletionChunk.class);
    if (chunk.isPresent()) {
      ChunkAssembler.Update update = text.add(chunk.get());
      if (!update.isNothing()) {
        lastTextNanos = System.nanoTime();
        firstTextNanos = firstTextNanos == 0 ? lastTextNanos : firstTextNanos;
        listener.onText(update, text.sample(chunk.get().getSample()));
      }
      return endsWithLastChunk && text.isComplete()
          ? Optional.of(new Outcome.Streamed())
          : Optional.empty();
    }
    Optional<Outcome> completed = message.value(Completion.class).map(Outcome.Completed::new);
    return completed.or(() -> message.value(DeadLetter.class).map(Outcome.DeadLettered::new));
  }

  CompletionAssembler text() {
    return text;
  }

  /** From sending to the first text, as this client saw it; empty without text. */
  Optional<Duration> timeToFirstText() {
    return firstTextNanos == 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(firstTextNanos - sentNanos));
  }

  /** From the first text to the last; zero where it came at once. */
  Duration timeOfText() {
    return Duration.ofNanos(lastTextNanos - firstTextNanos);
  }
}
