package ai.falaj.jobs.demo;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.demo.DemoPrompts.DemoPrompt;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/**
 * Sends the prompts and follows them to their ends: until each has a result and none has come twice
 * for a moment, or nothing has come for too long, or the services have failed. Confined to one
 * thread.
 */
final class DemoRun {

  private static final Set<RecordKind> RESULTS =
      EnumSet.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);
  private static final Duration POLL = Duration.ofMillis(40);

  /** A repeated result would come with the next transaction at the latest. */
  private static final long LOOK_FOR_REPEATS_MS = 1_500;

  private final RequestTracker tracker;
  private final DemoView view;
  private final BatchSeries batches;
  private final DemoDisplay display;
  private final Interrupt interrupt;
  private long lastSignMs;

  DemoRun(
      RequestTracker tracker,
      DemoView view,
      BatchSeries batches,
      DemoDisplay display,
      Interrupt interrupt) {
    this.tracker = tracker;
    this.view = view;
    this.batches = batches;
    this.display = display;
    this.interrupt = interrupt;
  }

  /**
   * Runs to the end.
   *
   * @param patience longest time without a sign of any request
   * @param servicesFailed asked in every round; true ends the run
   * @throws ExecutionException where the broker did not take a prompt
   */
  void run(
      List<DemoPrompt> prompts,
      Connection connection,
      SchemaRegistry registry,
      Duration patience,
      BooleanSupplier servicesFailed)
      throws InterruptedException, ExecutionException {
    try (ResultReader reader =
            ResultReader.open(connection, registry, RESULTS, new StartPoint.End());
        PromptProducer producer = new PromptProducer(connection, registry)) {
      CompletableFuture<?>[] sent = new CompletableFuture<?>[prompts.size()];
      for (int i = 0; i < sent.length; i++) {
        tracker.sent(prompts.get(i).request(), prompts.get(i).label(), nowMs());
        sent[i] = producer.send(prompts.get(i).request());
      }
      CompletableFuture.allOf(sent).get();
      lastSignMs = nowMs();
      while (!tracker.allAnswered()
          && nowMs() - lastSignMs < patience.toMillis()
          && !servicesFailed.getAsBoolean()) {
        round(reader);
      }
      long allAnsweredMs = nowMs();
      while (tracker.allAnswered() && nowMs() - allAnsweredMs < LOOK_FOR_REPEATS_MS) {
        round(reader);
      }
    }
  }

  private void round(ResultReader reader) throws InterruptedException {
    for (ReadRecord message : reader.poll(POLL)) {
      apply(message, nowMs());
    }
    long now = nowMs();
    if (!tracker.allAnswered()) {
      batches.maybeSample(now);
    }
    display.update(now);
    interrupt.holdIfRaised();
  }

  private void apply(ReadRecord message, long nowMs) {
    Optional<TrackedRequest> streamed =
        message.value(CompletionChunk.class).flatMap(chunk -> tracker.chunk(chunk, nowMs));
    Optional<TrackedRequest> ended =
        message
            .value(Completion.class)
            .flatMap(completion -> tracker.completion(completion, nowMs))
            .or(
                () ->
                    message
                        .value(DeadLetter.class)
                        .flatMap(letter -> tracker.deadLetter(letter, nowMs)));
    ended.ifPresent(display::ended);
    streamed
        .or(() -> ended)
        .ifPresent(
            request -> {
              lastSignMs = nowMs;
              view.changed(request, nowMs);
            });
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }
}
