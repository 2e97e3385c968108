package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.PromptProducer;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/chat/completions}: writes the prompt, waits for what becomes of it, and cancels
 * it where nobody waits any longer. Any thread.
 */
final class ChatRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(ChatRoutes.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final ChatRequestParser parser;
  private final PromptProducer producer;
  private final ResultFeed results;
  private final Admission admission;
  private final ScheduledExecutorService timer;
  private final Duration timeout;
  private final InstantSource clock;

  /**
   * @param producer stays the caller's, as the feed and the timer do
   * @param timeout of a request, from when it came
   */
  ChatRoutes(
      PromptProducer producer,
      ResultFeed results,
      Admission admission,
      ScheduledExecutorService timer,
      Duration timeout,
      InstantSource clock) {
    this.parser = new ChatRequestParser(clock);
    this.producer = producer;
    this.results = results;
    this.admission = admission;
    this.timer = timer;
    this.timeout = timeout;
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/chat/completions", this::complete);
  }

  private void complete(Context context) {
    Optional<String> tenant = KeyAccess.tenant(context);
    String id = "chatcmpl-" + UUID.randomUUID();
    context.header("X-Request-Id", id);
    ChatRequest request = parser.parse(RequestBody.json(context), id, tenant);
    if (!results.isReading()) {
      throw WebException.unavailable(
          "results_unavailable", "results cannot be read now; ask again in a moment");
    }
    admission
        .tryEnter(tenant)
        .ifPresent(
            wait -> {
              throw WebException.tooMany(
                  "rate_limit_exceeded", "too many requests are under way; ask again", wait);
            });
    Call call = new Call(request.prompt(), tenant);
    ChatJson json = new ChatJson(id, request.model(), clock.instant().getEpochSecond());
    if (request.stream()) {
      stream(context, call, new StreamedAnswer(json, request.includeUsage()));
    } else {
      whole(context, call, new WholeAnswer(json));
    }
  }

  private void whole(Context context, Call call, WholeAnswer answer) {
    answer.document().whenComplete((document, failure) -> call.end());
    context.future(
        () ->
            answer
                .document()
                .thenAccept(document -> context.contentType("application/json").result(document)));
    call.begin(answer);
  }

  private void stream(Context context, Call call, StreamedAnswer answer) {
    EventStream stream = EventStream.open(context, answer, answer.begun());
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
    call.begin(answer);
  }

  /** A request that has a place. */
  private final class Call {

    private final PromptRequest prompt;
    private final Optional<String> tenant;
    private final Instant begunAt = clock.instant();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile ScheduledFuture<?> expiry;

    Call(PromptRequest prompt, Optional<String> tenant) {
      this.prompt = prompt;
      this.tenant = tenant;
    }

    void begin(ResultListener answer) {
      results.register(prompt.getRequestId(), answer);
      expiry =
          timer.schedule(
              () -> {
                abandon();
                answer.failed(Failures.timeout(timeout));
              },
              timeout.toMillis(),
              TimeUnit.MILLISECONDS);
      written()
          .whenComplete(
              (metadata, failure) -> {
                if (failure != null) {
                  LOG.warn("{} could not be written", prompt.getRequestId(), failure);
                  answer.failed(
                      WebException.unavailable(
                          "broker_unavailable", "the prompt could not be written; ask again"));
                }
              });
    }

    /** A full buffer or an unreachable registry is told by the call itself. */
    private CompletableFuture<?> written() {
      try {
        return producer.send(prompt);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    /** There is a result or a failure: its place is free. */
    void end() {
      if (over.compareAndSet(false, true)) {
        results.remove(prompt.getRequestId());
        admission.leave(tenant, Duration.between(begunAt, clock.instant()));
        if (expiry != null) {
          expiry.cancel(false);
        }
      }
    }

    /** Nobody waits: the job is told to stop writing. */
    void abandon() {
      if (over.get()) {
        return;
      }
      end();
      producer
          .cancel(prompt)
          .whenComplete(
              (metadata, failure) -> {
                if (failure != null) {
                  LOG.warn("{} could not be cancelled", prompt.getRequestId(), failure);
                }
              });
    }
  }
}
