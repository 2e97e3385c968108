package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.EventStream;
import ai.falaj.jobs.web.RequestBody;
import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.PromptRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code POST /v1/chat/completions}: writes the prompt, waits for what becomes of it, and cancels
 * it where nobody waits any longer. Any thread.
 */
final class ChatRoutes {

  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final ChatRequestParser parser;
  private final Prompts prompts;
  private final Results results;
  private final Admission admission;
  private final ScheduledExecutorService timer;
  private final Executor answers;
  private final Duration timeout;
  private final InstantSource clock;

  /**
   * All parts stay the caller's.
   *
   * @param answers does what may block, such as sending a whole answer to a slow client: not the
   *     thread that reads results for all
   * @param timeout of a request, from when it came
   */
  ChatRoutes(
      Prompts prompts,
      Results results,
      Admission admission,
      ScheduledExecutorService timer,
      Executor answers,
      Duration timeout,
      InstantSource clock) {
    this.parser = new ChatRequestParser(clock, timeout);
    this.prompts = prompts;
    this.results = results;
    this.admission = admission;
    this.timer = timer;
    this.answers = answers;
    this.timeout = timeout;
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/chat/completions", this::complete);
  }

  private void complete(Context context) {
    Optional<String> tenant = KeyAccess.tenant(context);
    String id = "chatcmpl-" + UUID.randomUUID();
    AccessLog.requestId(context, id);
    ChatRequest request = parser.parse(RequestBody.json(context), id, tenant);
    if (!results.isReading()) {
      throw Failures.resultsUnavailable();
    }
    admission
        .tryEnter(tenant)
        .ifPresent(
            wait -> {
              throw WebException.tooMany(
                  "rate_limit_exceeded", "too many requests are under way; ask again", wait);
            });
    Call call = new Call(id, tenant);
    ChatJson json = new ChatJson(id, request.model(), clock.instant().getEpochSecond());
    try {
      if (request.stream()) {
        stream(context, call, request, new StreamedAnswer(json, request.includeUsage()));
      } else {
        whole(context, call, request, new WholeAnswer(json));
      }
    } catch (RuntimeException e) {
      call.end(); // Such as a timer that has stopped.
      throw e;
    }
  }

  private void whole(Context context, Call call, ChatRequest request, WholeAnswer answer) {
    answer.document().whenComplete((document, failure) -> call.end());
    context.future(
        () ->
            answer
                .document()
                .whenCompleteAsync(
                    (document, failure) -> {
                      if (failure == null) {
                        context.contentType("application/json").result(document);
                      }
                    },
                    answers));
    call.begin(request.prompt(), answer);
  }

  private void stream(Context context, Call call, ChatRequest request, StreamedAnswer answer) {
    AccessLog.outcome(context, answer::outcome);
    EventStream stream =
        EventStream.open(
            context, answer, answer.begun().whenCompleteAsync((nothing, failure) -> {}, answers));
    answer.onNews(stream::wake);
    ScheduledFuture<?> heartbeats =
        timer.scheduleAtFixedRate(
            answer::heartbeat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    answer.ended().thenRun(call::end);
    stream
        .closed()
        .thenRun(
            () -> {
              heartbeats.cancel(false);
              call.abandon(); // unless it has ended
            });
    call.begin(request.prompt(), answer);
  }

  /** A request that has a place. Holds no text: many wait, and their prompts may be long. */
  private final class Call {

    private final String requestId;
    private final Optional<String> tenant;
    private final Instant begunAt = clock.instant();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile ScheduledFuture<?> expiry;

    Call(String requestId, Optional<String> tenant) {
      this.requestId = requestId;
      this.tenant = tenant;
    }

    void begin(PromptRequest prompt, ResultListener answer) {
      expiry =
          timer.schedule(
              () -> {
                abandon();
                answer.failed(Failures.timeout(timeout));
              },
              timeout.toMillis(),
              TimeUnit.MILLISECONDS);
      results.register(requestId, answer);
      prompts
          .send(prompt)
          .whenComplete(
              (nothing, failure) -> {
                if (failure != null) {
                  answer.failed((WebException) failure);
                }
              });
    }

    /**
     * There is a result or a failure: its place is free.
     *
     * @return whether it was under way
     */
    boolean end() {
      if (!over.compareAndSet(false, true)) {
        return false;
      }
      results.remove(requestId);
      admission.leave(tenant, Duration.between(begunAt, clock.instant()));
      if (expiry != null) {
        expiry.cancel(false);
      }
      return true;
    }

    /** Nobody waits: the job is told to stop writing, by a thread that may block for it. */
    void abandon() {
      if (end()) {
        answers.execute(() -> prompts.cancel(requestId));
      }
    }
  }
}
