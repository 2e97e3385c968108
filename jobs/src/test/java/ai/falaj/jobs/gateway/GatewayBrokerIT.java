package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ScriptedJob;
import ai.falaj.jobs.stack.LocalKafka;
import ai.falaj.jobs.stack.LocalRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.jobs.web.ListenSettings;
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
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway and what its broker does to it, with a job that answers by script. */
@Timeout(180)
class GatewayBrokerIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir static Path directory;

  private static LocalKafka kafka;
  private static LocalRegistry registry;
  private static Connection connection;
  private static ScriptedJob job;
  private static Gateway gateway;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    Path home = Path.of(System.getProperty("falaj.home"));
    registry =
        LocalRegistry.start(
            home, directory.resolve("registry"), directory.resolve("registry.log"), Ports.unused());
    kafka =
        LocalKafka.start(
            home, directory.resolve("kafka"), directory.resolve("kafka.log"), Ports.unused());
    connection = Connection.of(kafka.bootstrapServers(), registry.url());
    LocalTopics.create(
        kafka.bootstrapServers(),
        Stream.of(RecordKind.values()).map(connection::topic).toList(),
        2);
    job = new ScriptedJob(connection);
    gateway =
        Gateway.start(
            new GatewaySettings(
                connection,
                ListenSettings.loopback(0),
                Optional.empty(),
                List.of("falaj"),
                8,
                8,
                LIMIT));
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable part :
        Stream.of(gateway, job, kafka, registry).filter(one -> one != null).toList()) {
      try {
        part.close();
      } catch (Exception e) {
        throw new AssertionError(part.getClass() + " did not close", e);
      }
    }
  }

  private static HttpRequest request(String text, boolean stream) {
    return HttpRequest.newBuilder(gateway.url().resolve("v1/chat/completions"))
        .header("Content-Type", "application/json")
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"stream\": %s, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
                    .formatted(stream, text)))
        .build();
  }

  private static HttpResponse<String> ask(String text) throws IOException, InterruptedException {
    return HTTP.send(request(text, false), HttpResponse.BodyHandlers.ofString());
  }

  private static int health() throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(gateway.url().resolve("health")).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private static void awaitHealth(int status) throws Exception {
    Instant limit = Instant.now().plus(LIMIT);
    while (health() != status) {
      assertThat(Instant.now()).as("health is %d", status).isBefore(limit);
      Thread.sleep(100);
    }
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    return new ObjectMapper().readTree(answer.body());
  }

  /** As the job would, once it has gone on. */
  private static void complete(String requestId, String answer) throws Exception {
    Completion completion =
        Completion.newBuilder()
            .setRequestId(requestId)
            .setAnswer(answer)
            .setFinishReason(FinishReason.STOP)
            .setUsage(new Usage(1, 0, 0, 2))
            .setTimings(new Timings(0L, 1L, 2L))
            .setProvenance(
                Provenance.newBuilder()
                    .setModel("scripted")
                    .setEngine("scripted")
                    .setEngineVersion("1")
                    .setSeed(7L)
                    .setSampling(SamplingParameters.newBuilder().build())
                    .setAttempts(1)
                    .build())
            .setCompletedAt(Instant.now())
            .build();
    try (SchemaRegistry schemas = new ConfluentSchemaRegistry(connection.registry());
        KafkaProducer<String, Completion> producer =
            new KafkaProducer<>(
                connection.clientSettings(Map.of()),
                new StringSerializer(),
                new RecordSerializer<>(Completion.class, schemas))) {
      producer
          .send(
              new ProducerRecord<>(connection.topic(RecordKind.COMPLETIONS), requestId, completion))
          .get();
    }
  }

  private static String content(String line) {
    try {
      return line.startsWith("data: {")
          ? new ObjectMapper().readTree(line.substring(6)).at("/choices/0/delta/content").asText("")
          : "";
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  @Test
  void saysWhileTheBrokerIsAwayWhenToComeBackAndGoesOnOnceItIsThere() throws Exception {
    assertThat(ask("before").statusCode()).isEqualTo(200);
    HttpResponse<Stream<String>> underWay =
        HTTP.send(request("hang", true), HttpResponse.BodyHandlers.ofLines());
    Iterator<String> lines = underWay.body().iterator();
    String text = "";
    while (!text.equals("Hel")) {
      text += content(lines.next());
    }

    kafka.kill();
    awaitHealth(503);
    HttpResponse<String> refused = ask("meanwhile");

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(json(refused).at("/error/code").asText()).isEqualTo("results_unavailable");
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("5");

    kafka.restart();
    awaitHealth(200);
    HttpResponse<String> after = ask("after");

    assertThat(after.statusCode()).as(after.body()).isEqualTo(200);
    assertThat(json(after).at("/choices/0/message/content").asText()).isEqualTo("Hello from Falaj");
    complete(underWay.headers().firstValue("X-Request-Id").orElseThrow(), "Hello");
    String last = "";
    while (lines.hasNext()) {
      String line = lines.next();
      text += content(line);
      last = line.isEmpty() ? last : line;
    }
    assertThat(text).as("what was under way").isEqualTo("Hello");
    assertThat(last).isEqualTo("data: [DONE]");
  }

  @Test
  void refusesAPromptThatIsLargerThanItsTopicTakes() throws Exception {
    HttpResponse<String> refused = ask("long ".repeat(300_000));

    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(json(refused).at("/error/code").asText()).isEqualTo("prompt_too_large");
  }
}
