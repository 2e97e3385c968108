package ai.falaj.jobs.dashboard.api;

import ai.falaj.jobs.client.PromptJson;
import ai.falaj.jobs.client.PromptJsonException;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.web.RequestBody;
import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.PromptRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prompts from the page, and their cancellation. Any thread. */
public final class PlaygroundRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(PlaygroundRoutes.class);
  private static final int MOST_SENT = 1_000;
  private static final int SEND_LIMIT_S = 10;

  private final PromptProducer producer;
  private final boolean readOnly;
  private final boolean visible;
  private final PromptJson json;

  /** The latest prompts of this server; only these can be cancelled by it. */
  private final Map<String, PromptRequest> sent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PromptRequest> eldest) {
          return size() > MOST_SENT;
        }
      };

  /**
   * @param producer stays the caller's
   * @param visible whether answers may be shown; without that there is nothing to play with
   */
  public PlaygroundRoutes(
      PromptProducer producer, boolean readOnly, boolean visible, InstantSource clock) {
    this.producer = producer;
    this.readOnly = readOnly;
    this.visible = visible;
    this.json = new PromptJson(() -> "page-" + UUID.randomUUID(), clock);
  }

  /** Adds the paths. */
  public void addTo(RoutesConfig routes) {
    routes.post("/api/prompts", this::send);
    routes.post("/api/prompts/cancel", this::cancel);
  }

  private void send(Context context) {
    requireAllowed();
    PromptRequest prompt;
    try {
      prompt = json.parse(RequestBody.text(context));
    } catch (PromptJsonException e) {
      throw WebException.badRequest("invalid_prompt", e.getMessage());
    }
    // The server names it: a page must not answer for another client's request.
    prompt.setRequestId("page-" + UUID.randomUUID());
    await(() -> producer.send(prompt), prompt);
    synchronized (sent) {
      sent.put(prompt.getRequestId(), prompt);
    }
    FigureRoutes.json(context, Map.of("requestId", prompt.getRequestId()));
  }

  private void cancel(Context context) {
    requireAllowed();
    String id = RequestBody.json(context).path("requestId").asText("");
    PromptRequest prompt;
    synchronized (sent) {
      prompt = sent.get(id);
    }
    if (prompt == null) {
      throw WebException.notFound("unknown_request", "this server did not send that prompt");
    }
    await(() -> producer.cancel(prompt), prompt);
    context.status(202);
  }

  private void requireAllowed() {
    if (readOnly) {
      throw WebException.forbidden("read_only", "this dashboard was started with --read-only");
    }
    if (!visible) {
      throw WebException.forbidden(
          "text_hidden", "texts are hidden; start the dashboard with --show-prompts");
    }
  }

  /** Writes to the topic of prompts. */
  @FunctionalInterface
  private interface Write {
    CompletableFuture<RecordMetadata> begin();
  }

  private static void await(Write write, PromptRequest prompt) {
    try {
      write.begin().get(SEND_LIMIT_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn("{} could not be written", prompt.getRequestId(), e);
      throw WebException.unavailable(
          "broker", "the prompt could not be written; see whether the broker answers");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw WebException.unavailable("stopping", "the dashboard is about to stop");
    }
  }
}
