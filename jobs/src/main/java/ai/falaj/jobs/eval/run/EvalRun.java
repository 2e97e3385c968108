package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.cli.JobKind;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.eval.data.Problem;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Sends problems as prompts and keeps what comes back, until each has a result, or nothing has come
 * for too long, or the services have failed. All prompts are sent at once: how many are computed at
 * a time is the job's business.
 *
 * <p>Prompts without a result at the end are cancelled, so that the job does not go on for nobody.
 * A resumed run first reads what came for its prompts while nobody was reading, so a job that went
 * on is not asked again. Completions that were cancelled are not results.
 *
 * <p>Where the reasoning job answers, a result is a completion together with its trace, which has
 * the candidates.
 *
 * <p>Confined to one thread, but for {@link #cancelOpen}, which any thread may call.
 */
public final class EvalRun {

  /** Told of every result, on the thread that runs. */
  public interface Listener {
    void onResult(ProblemResult result) throws IOException;
  }

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CANCEL_LIMIT = Duration.ofSeconds(3);

  private final Connection connection;
  private final SchemaRegistry registry;
  private final Set<RecordKind> resultKinds;
  private final ResultFactory results;
  private final RequestIds ids;
  private final Function<Problem, PromptRequest> prompts;
  private final Map<String, Problem> open = new ConcurrentHashMap<>();
  private final TracedCompletions traced = new TracedCompletions();
  private final Map<Place, String> requestIdByPlace = new HashMap<>();
  private volatile PromptProducer producer;

  /** Where a prompt lies. */
  private record Place(String topic, int partition, long offset) {}

  /**
   * @param job that answers
   * @param ids of the requests that {@code prompts} makes
   * @param keepsReasoning whether results hold what the model thought
   * @param prompts makes the request of a problem, always with the same id
   */
  public EvalRun(
      Connection connection,
      SchemaRegistry registry,
      JobKind job,
      RequestIds ids,
      boolean keepsReasoning,
      Function<Problem, PromptRequest> prompts) {
    this.connection = connection;
    this.registry = registry;
    this.resultKinds =
        job == JobKind.REASONING
            ? EnumSet.of(RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS, RecordKind.TRACES)
            : EnumSet.of(RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);
    this.results = new ResultFactory(SampleJudge.fromMetadata(), keepsReasoning);
    this.ids = ids;
    this.prompts = prompts;
  }

  /**
   * Runs to the end.
   *
   * @param start where results may begin: the end for a new run, its beginning for a resumed one
   * @param patience longest time without any result
   * @param servicesFailed asked in every round; true ends the run
   * @return the problems without a result
   * @throws ExecutionException where the broker did not take a prompt
   */
  public List<Problem> run(
      List<Problem> problems,
      StartPoint start,
      Duration patience,
      BooleanSupplier servicesFailed,
      Interrupt interrupt,
      Listener listener)
      throws InterruptedException, ExecutionException, IOException {
    problems.forEach(problem -> open.put(problem.id(), problem));
    try (ResultReader reader = ResultReader.open(connection, registry, resultKinds, start);
        PromptProducer opened = new PromptProducer(connection, registry)) {
      producer = opened;
      if (!(start instanceof StartPoint.End)) {
        catchUp(reader, listener);
      }
      send(problems);
      long lastResultNanos = System.nanoTime();
      while (!open.isEmpty()
          && System.nanoTime() - lastResultNanos < patience.toNanos()
          && !servicesFailed.getAsBoolean()) {
        if (round(reader, listener)) {
          lastResultNanos = System.nanoTime();
        }
        interrupt.holdIfRaised();
      }
      cancelOpen();
      return problems.stream().filter(problem -> open.containsKey(problem.id())).toList();
    }
  }

  private void catchUp(ResultReader reader, Listener listener) throws IOException {
    Map<TopicPartition, Long> ends = reader.ends();
    while (!reader.hasReached(ends)) {
      round(reader, listener);
    }
  }

  private void send(List<Problem> problems) throws InterruptedException, ExecutionException {
    Map<String, CompletableFuture<RecordMetadata>> sent = new LinkedHashMap<>();
    for (Problem problem : problems) {
      if (open.containsKey(problem.id())) {
        PromptRequest prompt = prompts.apply(problem);
        sent.put(prompt.getRequestId(), producer.send(prompt));
      }
    }
    for (Map.Entry<String, CompletableFuture<RecordMetadata>> prompt : sent.entrySet()) {
      RecordMetadata place = prompt.getValue().get();
      requestIdByPlace.put(
          new Place(place.topic(), place.partition(), place.offset()), prompt.getKey());
    }
  }

  private boolean round(ResultReader reader, Listener listener) throws IOException {
    boolean any = false;
    for (ReadRecord message : reader.poll(POLL)) {
      Optional<ProblemResult> result = result(message);
      if (result.isPresent()) {
        listener.onResult(result.get());
        any = true;
      }
    }
    return any;
  }

  private Optional<ProblemResult> result(ReadRecord message) {
    Optional<Completion> completion = message.value(Completion.class);
    if (completion.isPresent()) {
      return completion
          .filter(found -> found.getFinishReason() != FinishReason.CANCELLED)
          .filter(found -> isOpen(found.getRequestId()))
          .flatMap(this::answered);
    }
    Optional<ReasoningTrace> trace = message.value(ReasoningTrace.class);
    if (trace.isPresent()) {
      return trace
          .filter(found -> found.getOutcome() == ReasoningOutcome.ANSWERED)
          .filter(found -> isOpen(found.getRequestId()))
          .flatMap(traced::add)
          .flatMap(this::answered);
    }
    return message
        .value(DeadLetter.class)
        .flatMap(
            letter ->
                requestId(letter).flatMap(this::close).map(problem -> results.of(problem, letter)));
  }

  private Optional<ProblemResult> answered(Completion completion) {
    return resultKinds.contains(RecordKind.TRACES)
        ? traced.add(completion).flatMap(this::answered)
        : close(completion.getRequestId()).map(problem -> results.of(problem, completion));
  }

  private Optional<ProblemResult> answered(TracedCompletions.Traced found) {
    return close(found.completion().getRequestId())
        .map(problem -> results.of(problem, found.completion(), found.trace()));
  }

  private boolean isOpen(String requestId) {
    return ids.problemId(requestId).filter(open::containsKey).isPresent();
  }

  /** Problems whose completion came, and whose trace did not. */
  public int untraced() {
    return traced.untraced();
  }

  private Optional<Problem> close(String requestId) {
    return ids.problemId(requestId).map(open::remove);
  }

  /** A dead letter of a record that could not be decoded names no request, but its place. */
  private Optional<String> requestId(DeadLetter letter) {
    return Optional.ofNullable(letter.getRequestId())
        .or(
            () ->
                Optional.ofNullable(
                    requestIdByPlace.get(
                        new Place(
                            letter.getSourceTopic(),
                            letter.getSourcePartition(),
                            letter.getSourceOffset()))));
  }

  /**
   * Asks for the end of every prompt of this session without a result. Returns when the broker has
   * taken it, or after some seconds.
   */
  public void cancelOpen() {
    PromptProducer current = producer;
    if (current == null || open.isEmpty()) {
      return;
    }
    CompletableFuture<?>[] cancelled =
        open.values().stream()
            .map(problem -> current.cancel(prompts.apply(problem)))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(cancelled)
        .completeOnTimeout(null, CANCEL_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(failure -> null)
        .join();
  }
}
