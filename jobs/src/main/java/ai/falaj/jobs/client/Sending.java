package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.schemas.PromptRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Sends prompts in bulk: paced, counted, with progress, and stopped by the first that the broker
 * does not take. Owns its producer. Confined to one thread, but for the acknowledgements, which
 * come on the producer's.
 */
final class Sending implements AutoCloseable {

  private static final int PROBLEMS_KEPT = 5;

  private final PromptProducer producer;
  private final Pacer pacer;
  private final long limit;
  private final boolean skipBad;
  private final OptionalLong total;
  private final ProgressBar progress;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<String> problems = new ArrayList<>();
  private final long startedNanos = System.nanoTime();
  private long queued;
  private long skipped;

  /**
   * @param limit most prompts to send
   * @param skipBad whether lines that are no prompts are counted and passed over
   * @param total prompts there will be, where known, for the progress
   */
  Sending(
      PromptProducer producer,
      Pacer pacer,
      long limit,
      boolean skipBad,
      OptionalLong total,
      ProgressBar progress) {
    this.producer = producer;
    this.pacer = pacer;
    this.limit = limit;
    this.skipBad = skipBad;
    this.total = total;
    this.progress = progress;
  }

  /**
   * What was done.
   *
   * @param problems messages of the first bad lines
   */
  record Totals(long sent, long skipped, double seconds, List<String> problems) {
    Totals {
      problems = List.copyOf(problems);
    }
  }

  boolean isEnough() {
    return queued >= limit;
  }

  /**
   * Sends prompts until they end or are enough.
   *
   * @param round 1 for the first time these prompts are sent; later rounds get ids of their own
   * @throws CliException where the broker refuses one, or a line is bad and is not to be skipped
   */
  void sendAll(PromptLines lines, int round) throws IOException, InterruptedException {
    while (!isEnough()) {
      try {
        Optional<PromptRequest> prompt = lines.next();
        if (prompt.isEmpty()) {
          return;
        }
        send(round == 1 ? prompt.get() : renamed(prompt.get(), round));
      } catch (PromptJsonException e) {
        if (!skipBad) {
          throw CliException.usage(
              e.getMessage(), "the file has changed since it was checked; send it again", e);
        }
        skip(e, round);
      }
    }
  }

  private static PromptRequest renamed(PromptRequest prompt, int round) {
    return PromptRequest.newBuilder(prompt)
        .setRequestId(prompt.getRequestId() + "-r" + round)
        .build();
  }

  private void send(PromptRequest prompt) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(pacer.nanosUntilNext(System.nanoTime()));
    throwIfFailed();
    queued++;
    producer
        .send(prompt)
        .whenComplete(
            (place, problem) -> {
              if (problem == null) {
                acknowledged.incrementAndGet();
              } else {
                failure.compareAndSet(null, problem);
              }
            });
    progress.update(acknowledged.get(), total);
  }

  private void skip(PromptJsonException problem, int round) {
    if (round > 1) {
      return; // counted in the first round
    }
    skipped++;
    if (problems.size() < PROBLEMS_KEPT) {
      problems.add(problem.getMessage());
    }
  }

  /**
   * Waits until the broker has acknowledged everything.
   *
   * @throws CliException where it did not
   */
  Totals finish() {
    producer.flush();
    throwIfFailed();
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    return new Totals(acknowledged.get(), skipped, seconds, problems);
  }

  private void throwIfFailed() {
    Throwable problem = failure.get();
    if (problem != null) {
      throw CliException.failure(
          "the broker took "
              + acknowledged.get()
              + " prompts and then failed: "
              + problem.getMessage(),
          "see its log, then send the rest",
          problem);
    }
  }

  @Override
  public void close() {
    progress.close();
    producer.close();
  }
}
