package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.reasoning.LocalReasoning.Result;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/**
 * One question to a reasoning job that runs somewhere. It cancels the question where the user does
 * not wait for the answer. Confined to one thread.
 */
final class ReasoningSession {

  private static final Set<RecordKind> RESULTS =
      EnumSet.of(RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS, RecordKind.TRACES);
  private static final Duration POLL = Duration.ofMillis(200);

  /** The trace comes with the result, in a transaction of its own; refused questions have none. */
  private static final Duration TRACE_LIMIT = Duration.ofSeconds(5);

  private final PromptRequest request;
  private Optional<Completion> completion = Optional.empty();
  private Optional<DeadLetter> deadLetter = Optional.empty();
  private Optional<ReasoningTrace> trace = Optional.empty();

  ReasoningSession(PromptRequest request) {
    this.request = request;
  }

  /**
   * Waits for the answer.
   *
   * @throws CliException where none came in time
   * @throws ExecutionException where the broker did not take the question
   */
  Result ask(Connection connection, SchemaRegistry registry, Duration limit)
      throws InterruptedException, ExecutionException {
    try (ResultReader reader =
            ResultReader.open(connection, registry, RESULTS, new StartPoint.End());
        PromptProducer producer = new PromptProducer(connection, registry);
        Interrupt interrupt = Interrupt.onRaised(() -> producer.cancel(request).join())) {
      producer.send(request).get();
      if (!read(reader, limit, interrupt, this::hasResult)) {
        producer.cancel(request).get();
        throw CliException.failure(
            "no answer came within " + limit.toSeconds() + " s, and the question was cancelled",
            "check that a reasoning job reads " + connection.topic(RecordKind.PROMPTS));
      }
      read(reader, TRACE_LIMIT, interrupt, () -> trace.isPresent());
      return new Result(completion, deadLetter, trace);
    }
  }

  private boolean hasResult() {
    return completion.isPresent() || deadLetter.isPresent();
  }

  private boolean read(
      ResultReader reader, Duration limit, Interrupt interrupt, BooleanSupplier enough)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    while (!enough.getAsBoolean() && System.nanoTime() - startNanos < limit.toNanos()) {
      for (ReadRecord record : reader.poll(POLL)) {
        if (record.requestId().filter(request.getRequestId()::equals).isPresent()) {
          completion = completion.or(() -> record.value(Completion.class));
          deadLetter = deadLetter.or(() -> record.value(DeadLetter.class));
          trace = trace.or(() -> record.value(ReasoningTrace.class));
        }
      }
      interrupt.holdIfRaised();
    }
    return enough.getAsBoolean();
  }
}
