package ai.falaj.jobs.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ScriptedJob;
import ai.falaj.jobs.dashboard.feed.FeedKind;
import ai.falaj.jobs.dashboard.feed.FeedTopics;
import ai.falaj.jobs.web.AccessToken;
import ai.falaj.jobs.web.ListenSettings;
import ai.falaj.jobs.web.RawHttp;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server of the dashboard over a real broker, a real registry and a scripted job. */
@Timeout(120)
class DashboardIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String HOSTILE =
      "<script>alert(1)</script>\u202e\u0000'\"|" + "x".repeat(5_000);

  @TempDir static Path directory;
  private static KafkaAndRegistry services;

  private Connection connection;
  private ScriptedJob job;
  private Dashboard dashboard;

  @BeforeAll
  static void startServices() {
    services = KafkaAndRegistry.start(directory.resolve("services"));
  }

  @AfterAll
  static void stopServices() {
    services.close();
  }

  @BeforeEach
  void startJob(TestInfo test) {
    connection = services.topics(test.getTestMethod().orElseThrow().getName());
    job = new ScriptedJob(connection);
  }

  @AfterEach
  void stop() {
    if (dashboard != null) {
      dashboard.close();
    }
    job.close();
  }

  private void start(boolean showPrompts, boolean readOnly) {
    dashboard =
        Dashboard.start(
            settings(ListenSettings.loopback(0), Optional.empty(), showPrompts, readOnly));
  }

  private DashboardSettings settings(
      ListenSettings listen, Optional<AccessToken> token, boolean showPrompts, boolean readOnly) {
    return new DashboardSettings(
        connection,
        FeedTopics.of(connection),
        Optional.empty(),
        listen,
        token,
        DashboardSettings.DEFAULT_HISTORY,
        showPrompts,
        readOnly);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(dashboard.url().resolve(path)).build(), BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(dashboard.url().resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private String ask(String text, String more) throws IOException, InterruptedException {
    HttpResponse<String> response =
        post("api/prompts", "{\"prompt\": \"" + text + "\"" + more + "}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("requestId").asText();
  }

  private static <T> T eventually(Callable<Optional<T>> question) throws Exception {
    Instant deadline = Instant.now().plus(LIMIT);
    while (Instant.now().isBefore(deadline)) {
      Optional<T> answer = question.call();
      if (answer.isPresent()) {
        return answer.get();
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not within " + LIMIT);
  }

  private JsonNode ended(String requestId, String state) throws Exception {
    return eventually(
        () -> {
          HttpResponse<String> response = get("api/request?id=" + requestId);
          return Optional.of(response)
              .filter(found -> found.statusCode() == 200)
              .map(found -> parse(found.body()))
              .filter(trace -> trace.at("/request/state").asText().equals(state));
        });
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
  }

  @Test
  void sendsAPromptAndShowsItsAnswerAndTrace() throws Exception {
    start(true, false);

    String id = ask("think", ", \"tenant\": \"acme\"");

    JsonNode trace = ended(id, "COMPLETED");
    assertThat(id).startsWith("page-");
    assertThat(trace.at("/request/tenant").asText()).isEqualTo("acme");
    assertThat(trace.at("/samples/0/answer/text").asText()).isEqualTo("4");
    assertThat(trace.at("/samples/0/reasoning/text").asText()).isEqualTo("2 and 2");
    assertThat(trace.at("/prompt/messages/0/content/text").asText()).isEqualTo("think");
    assertThat(trace.at("/prompt/traceparent").asText()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
    assertThat(get("api/request/text?id=" + id).body()).isEqualTo("4");
    JsonNode found = json("api/requests?query=" + id.substring(9, 20).toUpperCase());
    assertThat(found.get("requests")).hasSize(1);
  }

  @Test
  void hidesTextsUnlessTheyAreToBeShown() throws Exception {
    start(true, false);
    String id = ask("hello there, secret", "");
    ended(id, "COMPLETED");
    dashboard.close();

    start(false, false);

    JsonNode trace = ended(id, "COMPLETED");
    assertThat(trace.toString()).doesNotContain("Falaj\"", "secret", "Hello");
    assertThat(trace.at("/samples/0/answer/characters").asInt()).isEqualTo(16);
    assertThat(get("api/request/text?id=" + id).statusCode()).isEqualTo(403);
    assertThat(post("api/prompts", "{\"prompt\": \"x\"}").statusCode()).isEqualTo(403);
    assertThat(json("api/session").get("promptsVisible").asBoolean()).isFalse();
  }

  @Test
  void streamsWhatHappensToAPage() throws Exception {
    start(true, false);
    eventually(
        () -> Optional.of(json("api/session").get("feed")).filter(f -> f.asText().equals("live")));
    HttpResponse<InputStream> stream =
        HTTP.send(
            HttpRequest.newBuilder(
                    dashboard.url().resolve("api/events?events=chunks,completion,overview"))
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(stream.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
    try (BufferedReader events =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      assertThat(events.readLine()).isEqualTo("event: hello");
      String id = ask("restart", "");

      StringBuilder answer = new StringBuilder();
      boolean completed = false;
      while (!completed) {
        String name = events.readLine();
        if (name.equals("event: chunks")) {
          for (JsonNode chunk : parse(events.readLine().substring(6)).get("chunks")) {
            answer.setLength(chunk.at("/at/answer").asInt());
            answer.append(chunk.at("/append/answer").asText());
          }
        } else if (name.equals("event: completion")) {
          completed =
              parse(events.readLine().substring(6))
                  .at("/completions/0/requestId")
                  .asText()
                  .equals(id);
        }
      }
      // Chunks that are read after their completion are passed over: it has the text.
      assertThat("Good morning").startsWith(answer);
      assertThat(get("api/request/text?id=" + id).body()).isEqualTo("Good morning");
    }
  }

  @Test
  void cancelsOnlyWhatItSent() throws Exception {
    start(true, false);
    String id = ask("hang", "");
    ended(id, "DECODING");

    assertThat(post("api/prompts/cancel", "{\"requestId\": \"" + id + "\"}").statusCode())
        .isEqualTo(202);

    assertThat(job.cancelledKeys().poll(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(id);
    assertThat(post("api/prompts/cancel", "{\"requestId\": \"someone's\"}").statusCode())
        .isEqualTo(404);
  }

  @Test
  void sendsADeadLetterAgainOnce() throws Exception {
    start(true, false);
    String id = ask("dead", "");
    ended(id, "DEAD_LETTERED");
    JsonNode letter = json("api/dead-letters").get("deadLetters").get(0);
    assertThat(letter.get("requestId").asText()).isEqualTo(id);
    String retry = "api/dead-letters/" + letter.get("id").asText() + "/retry";

    HttpResponse<String> sent = post(retry, "{}");

    assertThat(sent.statusCode()).as(sent.body()).isEqualTo(200);
    eventually(
        () ->
            Optional.of(json("api/dead-letters").get("deadLetters"))
                .filter(all -> all.size() == 2));
    HttpResponse<String> again = post(retry, "{}");
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(again.body()).containsPattern("already_retried|undecided");
    assertThat(post("api/dead-letters/9-999999/retry", "{}").statusCode()).isEqualTo(404);
    assertThat(post("api/dead-letters/1-2-3/retry", "{}").statusCode()).isEqualTo(404);
  }

  @Test
  void changesNothingWhereItIsReadOnly() throws Exception {
    start(true, true);

    for (String path :
        new String[] {"api/prompts", "api/prompts/cancel", "api/dead-letters/0-0/retry"}) {
      HttpResponse<String> response = post(path, "{\"prompt\": \"x\", \"requestId\": \"y\"}");
      assertThat(response.statusCode()).as(path).isEqualTo(403);
      assertThat(response.body()).contains("read_only");
    }
  }

  @Test
  void showsWhatClientsNameAsDataAndLongTextsFromTheirBeginning() throws Exception {
    start(true, false);
    String answer = "</script><img src=x onerror=alert(2)> " + "long ".repeat(200_000);
    complete("hostile", HOSTILE, answer);

    JsonNode trace = ended("hostile", "COMPLETED");

    String tenant = trace.at("/request/tenant").asText();
    assertThat(tenant).startsWith("<script>alert(1)</script>").hasSizeLessThan(257);
    assertThat(trace.at("/samples/0/answer/characters").asInt()).isEqualTo(answer.length());
    assertThat(trace.at("/samples/0/answer/text").asText()).hasSizeLessThan(70_000);
    HttpResponse<String> page = get("api/request?id=hostile");
    assertThat(page.headers().firstValue("Content-Type")).hasValue("application/json");
    HttpResponse<String> whole = get("api/request/text?id=hostile");
    assertThat(whole.body()).isEqualTo(answer);
    assertThat(whole.headers().firstValue("Content-Type")).hasValue("text/plain;charset=utf-8");
    assertThat(whole.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  private void complete(String id, String tenant, String answer) throws Exception {
    Completion completion =
        Completion.newBuilder()
            .setRequestId(id)
            .setTenant(tenant)
            .setAnswer(answer)
            .setFinishReason(FinishReason.STOP)
            .setUsage(new Usage(1, 0, 0, 1))
            .setTimings(new Timings(0L, 1L, 2L))
            .setProvenance(
                Provenance.newBuilder()
                    .setModel("m")
                    .setEngine("e")
                    .setEngineVersion("1")
                    .setSeed(1)
                    .setSampling(SamplingParameters.newBuilder().build())
                    .setAttempts(1)
                    .build())
            .setCompletedAt(Instant.now())
            .build();
    String topic = connection.topic(RecordKind.COMPLETIONS);
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                connection.clientSettings(Map.of("max.request.size", 4 << 20)),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      byte[] value =
          new RecordSerializer<>(Completion.class, registry).serialize(topic, completion);
      producer
          .send(new ProducerRecord<>(topic, id.getBytes(StandardCharsets.UTF_8), value))
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void letsOtherMachinesInWithTheTokenOnly() throws Exception {
    String token = "a token of the test";
    ListenSettings everywhere = new ListenSettings(InetAddress.getByName("0.0.0.0"), 0, Set.of());
    assertThatThrownBy(() -> settings(everywhere, Optional.empty(), true, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only with a token");
    dashboard =
        Dashboard.start(settings(everywhere, Optional.of(AccessToken.of(token)), true, false));
    URI elsewhere =
        URI.create(
            "http://"
                + InetAddress.getLocalHost().getHostAddress()
                + ":"
                + dashboard.url().getPort());

    for (String path :
        new String[] {
          "events?events=chunks", "requests", "request?id=x", "tenants", "dead-letters"
        }) {
      String answer =
          RawHttp.send(
              elsewhere, "GET /api/" + path + " HTTP/1.1\nHost: " + elsewhere.getAuthority(), "");
      assertThat(RawHttp.status(answer)).as(path).isEqualTo(401);
    }
    String session =
        RawHttp.send(elsewhere, "GET /api/session HTTP/1.1\nHost: " + elsewhere.getAuthority(), "");
    assertThat(session).contains("\"authenticated\":false").doesNotContain("topics", "flink");
    String admitted =
        RawHttp.send(
            elsewhere,
            "GET /api/requests HTTP/1.1\nHost: "
                + elsewhere.getAuthority()
                + "\nAuthorization: Bearer "
                + token,
            "");
    assertThat(RawHttp.status(admitted)).isEqualTo(200);
  }

  @Test
  void tellsWhichTopicsAreMissing() throws Exception {
    dashboard =
        Dashboard.start(
            new DashboardSettings(
                connection,
                FeedTopics.of(connection).with(FeedKind.USAGE, "no.such.topic"),
                Optional.empty(),
                ListenSettings.loopback(0),
                Optional.empty(),
                Duration.ZERO,
                true,
                false));

    JsonNode missing =
        eventually(
            () ->
                Optional.of(json("api/session").get("missingTopics"))
                    .filter(topics -> !topics.isEmpty()));

    assertThat(missing.toString()).contains("no.such.topic");
    assertThat(json("api/usage").get("available").asBoolean()).isFalse();
  }

  @Test
  void endsWithPagesOpen() throws Exception {
    start(true, false);
    HttpResponse<InputStream> stream =
        HTTP.send(
            HttpRequest.newBuilder(dashboard.url().resolve("api/events?events=overview")).build(),
            BodyHandlers.ofInputStream());
    assertThat(stream.body().read()).isEqualTo('e');

    Thread closing = new Thread(dashboard::close, "closing");
    closing.start();
    closing.join(LIMIT.toMillis());

    assertThat(closing.isAlive()).isFalse();
  }

  @Test
  void refusesParametersThatMakeNoSense() throws Exception {
    start(true, false);

    for (String path :
        new String[] {
          "api/events",
          "api/events?events=nothing",
          "api/history?minutes=0",
          "api/history?resolution=2s",
          "api/requests?limit=x",
          "api/requests?state=LOST",
          "api/request",
          "api/usage?window=1y"
        }) {
      HttpResponse<String> response = get(path);
      assertThat(response.statusCode()).as(path).isEqualTo(400);
      assertThat(parse(response.body()).at("/error/param").asText()).as(path).isNotEmpty();
    }
    assertThat(post("api/prompts", "{\"prompt\": 5}").statusCode()).isEqualTo(400);
  }
}
