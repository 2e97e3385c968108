package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.falaj.jobs.web.AccessToken;
import ai.falaj.jobs.web.ListenSettings;
import ai.falaj.jobs.web.WebServer;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests over HTTP, with a pipeline that does what a test says. */
@Timeout(60)
class ChatRoutesTest {

  private static final String KEY = "sk-of-acme-0123456789";
  private static final String SECRET = "why do dates grow";
  private static final int MOST = 2;
  private static final Duration LONG = Duration.ofMinutes(5);

  private final FakePipeline pipeline = new FakePipeline();
  private final Admission admission = new Admission(MOST, MOST);
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final HttpClient http = HttpClient.newHttpClient();
  private WebServer server;

  @BeforeEach
  void start() {
    start(LONG, Runnable::run);
  }

  private void start(Duration timeout, Executor answers) {
    if (server != null) {
      server.close();
    }
    ChatRoutes routes =
        new ChatRoutes(
            pipeline, pipeline, admission, timer, answers, timeout, InstantSource.system());
    server =
        WebServer.start(
            "chat-routes-test",
            ListenSettings.loopback(0),
            Gateway.MOST_BODY_BYTES,
            new KeyAccess(
                Optional.of(new ApiKeys(List.of(new ApiKeys.Key("acme", AccessToken.of(KEY)))))),
            added -> {
              new AccessLog(log::add, System::nanoTime).addTo(added);
              routes.addTo(added);
            });
  }

  @AfterEach
  void stop() {
    server.close();
    timer.shutdownNow();
  }

  private static String body(boolean stream) {
    return "{\"model\": \"falaj\", \"stream\": %s, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
        .formatted(stream, SECRET);
  }

  private HttpRequest request(String body, String key) {
    return HttpRequest.newBuilder(server.url().resolve("v1/chat/completions"))
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer " + key)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private CompletableFuture<HttpResponse<String>> ask(String body) {
    return http.sendAsync(request(body, KEY), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode error(HttpResponse<String> answer) throws IOException {
    return new ObjectMapper().readTree(answer.body()).get("error");
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElseThrow();
  }

  private static Completion completion(String answer, FinishReason reason) {
    return Completion.newBuilder()
        .setRequestId("unused")
        .setAnswer(answer)
        .setFinishReason(reason)
        .setUsage(new Usage(10, 4, 0, 7))
        .setTimings(new Timings(1L, 20L, 300L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("m")
                .setEngine("e")
                .setEngineVersion("1")
                .setSeed(1)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setCompletedAt(Instant.EPOCH)
        .build();
  }

  private static CompletionChunk chunk(PromptRequest prompt, int sequence, String text) {
    return new CompletionChunk(
        prompt.getRequestId(),
        1,
        sequence,
        sequence,
        1,
        Channel.ANSWER,
        text,
        null,
        Instant.EPOCH,
        0,
        0);
  }

  private static DeadLetter letter(ErrorCode code) {
    return DeadLetter.newBuilder()
        .setSourceTopic("t")
        .setSourcePartition(0)
        .setSourceOffset(0)
        .setErrorCode(code)
        .setMessage("what is wrong; what helps")
        .setFailedAt(Instant.EPOCH)
        .build();
  }

  private void assertNobodyIsUnderWay() throws InterruptedException {
    Instant limit = Instant.now().plusSeconds(20);
    while (admission.running() > 0 && Instant.now().isBefore(limit)) {
      Thread.sleep(10);
    }
    assertThat(admission.running()).isZero();
    assertThat(pipeline.waiting()).isZero();
  }

  @Test
  void answersUnderTheIdThatTheTopicsKnow() throws Exception {
    CompletableFuture<HttpResponse<String>> asked = ask(body(false));
    PromptRequest prompt = pipeline.awaitPrompt();
    pipeline.listener(prompt).completed(completion("Water.", FinishReason.STOP));
    HttpResponse<String> answer = asked.get();

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "X-Request-Id")).isEqualTo(prompt.getRequestId());
    JsonNode document = new ObjectMapper().readTree(answer.body());
    assertThat(document.get("id").asText()).isEqualTo(prompt.getRequestId());
    assertThat(document.at("/choices/0/message/content").asText()).isEqualTo("Water.");
    assertThat(prompt.getTenant()).isEqualTo("acme");
    assertThat(prompt.getDeadline()).isAfter(Instant.now());
    assertNobodyIsUnderWay();
    assertThat(pipeline.cancelled()).isEmpty();
  }

  @Test
  void logsWhoAskedAndHowItWentButNotWhat() throws Exception {
    CompletableFuture<HttpResponse<String>> asked = ask(body(false));
    PromptRequest prompt = pipeline.awaitPrompt();
    pipeline.listener(prompt).completed(completion("Water.", FinishReason.STOP));
    asked.get();
    http.send(request(body(false), "sk-nobody-has-this-key"), HttpResponse.BodyHandlers.ofString());

    assertThat(log.poll(20, TimeUnit.SECONDS))
        .matches(
            "POST /v1/chat/completions 200 \\d+ ms tenant=acme request=" + prompt.getRequestId())
        .doesNotContain("Water", SECRET);
    assertThat(log.poll(20, TimeUnit.SECONDS)).isEqualTo("POST /v1/chat/completions 401");
  }

  @Test
  void tellsWhoFindsNoPlaceWhenToComeBack() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> running =
        List.of(ask(body(false)), ask(body(false)));
    PromptRequest first = pipeline.awaitPrompt();
    PromptRequest second = pipeline.awaitPrompt();

    HttpResponse<String> refused = ask(body(false)).get();

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(header(refused, "Retry-After")).isEqualTo("1");
    assertThat(error(refused).get("type").asText()).isEqualTo("rate_limit_error");
    for (PromptRequest prompt : List.of(first, second)) {
      pipeline.listener(prompt).completed(completion("Water.", FinishReason.STOP));
    }
    assertThat(running).allSatisfy(one -> assertThat(one.get().statusCode()).isEqualTo(200));
    assertNobodyIsUnderWay();
  }

  @Test
  void cancelsThePromptOfAClientThatLeavesItsStream() throws Exception {
    String body = body(true);
    PromptRequest prompt;
    try (Socket client = new Socket("127.0.0.1", server.port())) {
      OutputStream out = client.getOutputStream();
      out.write(
          ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + "Authorization: Bearer "
                  + KEY
                  + "\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body)
              .getBytes(StandardCharsets.US_ASCII));
      prompt = pipeline.awaitPrompt();
      pipeline.listener(prompt).chunk(chunk(prompt, 0, "Because"));
      InputStream in = client.getInputStream();
      assertThat(new String(in.readNBytes(15), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200 OK");
      client.setSoLinger(true, 0); // A reset, as of a process that was killed.
    }
    ResultListener listener = pipeline.listener(prompt);
    for (int sequence = 1; pipeline.cancelled().isEmpty() && sequence < 2_000; sequence++) {
      listener.chunk(chunk(prompt, sequence, " and"));
      Thread.sleep(5);
    }

    assertThat(pipeline.awaitCancelled()).isEqualTo(prompt.getRequestId());
    assertNobodyIsUnderWay();
    assertThat(log.poll(20, TimeUnit.SECONDS)).endsWith("outcome=left");
  }

  @Test
  void givesAPromptUpWhoseTimeIsOver() throws Exception {
    start(Duration.ofMillis(200), Runnable::run);

    HttpResponse<String> whole = ask(body(false)).get();
    HttpResponse<String> streamed = ask(body(true)).get();

    for (HttpResponse<String> answer : List.of(whole, streamed)) {
      assertThat(answer.statusCode()).isEqualTo(504);
      assertThat(error(answer).get("code").asText()).isEqualTo("timeout");
      assertThat(pipeline.awaitCancelled()).isEqualTo(header(answer, "X-Request-Id"));
    }
    assertNobodyIsUnderWay();
  }

  @Test
  void saysWhenToComeBackWhileTheBrokerIsAway() throws Exception {
    pipeline.failSending(Failures.brokerUnavailable());
    HttpResponse<String> unsent = ask(body(true)).get();
    pipeline.stopReading();
    HttpResponse<String> unread = ask(body(false)).get();

    assertThat(unsent.statusCode()).isEqualTo(503);
    assertThat(error(unsent).get("code").asText()).isEqualTo("broker_unavailable");
    assertThat(header(unsent, "Retry-After")).isEqualTo("5");
    assertThat(unread.statusCode()).isEqualTo(503);
    assertThat(error(unread).get("code").asText()).isEqualTo("results_unavailable");
    assertThat(header(unread, "Retry-After")).isEqualTo("5");
    assertNobodyIsUnderWay();
  }

  @Test
  void makesAStatusOfADeadLetterAndCancelsNothing() throws Exception {
    for (boolean stream : List.of(true, false)) {
      CompletableFuture<HttpResponse<String>> asked = ask(body(stream));
      PromptRequest prompt = pipeline.awaitPrompt();
      pipeline.listener(prompt).deadLettered(letter(ErrorCode.PROMPT_TOO_LONG));

      assertThat(asked.get().statusCode()).isEqualTo(400);
      assertThat(error(asked.get()).get("code").asText()).isEqualTo("context_length_exceeded");
    }
    assertNobodyIsUnderWay();
    assertThat(pipeline.cancelled()).isEmpty();
  }

  @Test
  void doesNotPassOffACancelledGenerationAsAnAnswer() throws Exception {
    CompletableFuture<HttpResponse<String>> asked = ask(body(false));
    PromptRequest prompt = pipeline.awaitPrompt();
    pipeline.listener(prompt).completed(completion("Wat", FinishReason.CANCELLED));

    assertThat(asked.get().statusCode()).isEqualTo(499);
    assertThat(error(asked.get()).get("code").asText()).isEqualTo("cancelled");
  }

  /** Else one client that takes nothing would stop the answers of all. */
  @Test
  void writesNoAnswerOnTheThreadThatReadsResults() throws Exception {
    BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    start(LONG, tasks::add);
    for (boolean stream : List.of(true, false)) {
      CompletableFuture<HttpResponse<String>> asked = ask(body(stream));
      PromptRequest prompt = pipeline.awaitPrompt();

      pipeline.listener(prompt).deadLettered(letter(ErrorCode.ENGINE_CRASH));

      assertThatCode(() -> asked.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      tasks.take().run();
      assertThat(asked.get().statusCode()).isEqualTo(500);
    }
  }

  @Test
  void takesLongConversationsAndRefusesLongerOnes() throws Exception {
    String twoMegabytes = body(false).replace(SECRET, "x".repeat(2 << 20));
    CompletableFuture<HttpResponse<String>> asked = ask(twoMegabytes);
    PromptRequest prompt = pipeline.awaitPrompt();
    pipeline.listener(prompt).completed(completion("Long.", FinishReason.STOP));

    assertThat(asked.get().statusCode()).isEqualTo(200);
    HttpResponse<String> refused = ask(body(false).replace(SECRET, "x".repeat(5 << 20))).get();
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(error(refused).get("code").asText()).isEqualTo("body_too_large");
  }
}
