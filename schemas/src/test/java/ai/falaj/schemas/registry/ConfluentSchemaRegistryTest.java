package ai.falaj.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of each kind of answer, given by a server that answers what the test wants. */
class ConfluentSchemaRegistryTest {

  private static final String SCHEMA = "{\"schema\":\"\\\"string\\\"\"}";

  private final List<HttpExchange> requests = Collections.synchronizedList(new ArrayList<>());

  /** Near the end of the clock's range, where comparing its values would go wrong. */
  private long now = Long.MAX_VALUE;

  private volatile int status = 200;
  private volatile String body = SCHEMA;

  /** Registrations that are refused before one is accepted. */
  private volatile int conflicts;

  private final AtomicInteger conflictsSent = new AtomicInteger();
  private HttpServer server;
  private ConfluentSchemaRegistry registry;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    registry = new ConfluentSchemaRegistry(RegistryConfig.of(url()), () -> now);
  }

  @AfterEach
  void stop() {
    registry.close();
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource({
    "404, 40403, NOT_FOUND, false",
    "404, 40401, NOT_FOUND, false",
    "404, 404, OTHER, false",
    "401, 401, UNAUTHORIZED, false",
    "403, 40301, UNAUTHORIZED, false",
    "408, 408, UNREACHABLE, true",
    "409, 409, INCOMPATIBLE, false",
    "422, 42201, OTHER, false",
    "429, 429, UNREACHABLE, true",
    "500, 50001, UNREACHABLE, true",
    "503, 503, UNREACHABLE, true"
  })
  void sortsAnswersByWhatHappensNext(int httpStatus, int errorCode, Kind kind, boolean retryable) {
    answerWith(httpStatus, "{\"error_code\":" + errorCode + ",\"message\":\"because\"}");

    assertFails(kind, () -> registry.schemaById(1))
        .hasMessageContaining(url())
        .hasMessageContaining("HTTP " + httpStatus)
        .hasMessageContaining("because")
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.retryable()).isEqualTo(retryable));
  }

  @Test
  void doesNotTakeAWrongPathForAnUnknownSchema() {
    answerWith(404, "<html>\n" + "Not Found ".repeat(1_000) + "</html>");

    assertFails(Kind.OTHER, () -> registry.schemaById(1))
        .hasMessageContaining("schema.registry.url")
        .hasMessageContaining("<html> Not Found")
        .hasMessageNotContaining("\n")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1_000));
  }

  @Test
  void asksAgainAfterAFailure() {
    answerWith(503, "");
    assertFails(Kind.UNREACHABLE, () -> registry.schemaById(1));
    answerWith(200, SCHEMA);

    assertThat(registry.schemaById(1).getType().getName()).isEqualTo("string");
    assertThat(registry.schemaById(1).getType().getName()).isEqualTo("string");
    assertThat(requests).hasSize(2);
  }

  @Test
  void asksForAnUnknownIdOnceInAShortWhile() {
    answerWith(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
    for (int i = 0; i < 3; i++) {
      assertFails(Kind.NOT_FOUND, () -> registry.schemaById(1));
    }
    assertThat(requests).hasSize(1);
    answerWith(200, SCHEMA);
    now += ConfluentSchemaRegistry.UNKNOWN_ID_TTL.toNanos();

    assertThat(registry.schemaById(1).getType().getName()).isEqualTo("string");
  }

  @Test
  void refusesSchemasThatAreNoAvro() {
    answerWith(200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = 'proto3';\"}");
    assertFails(Kind.INCOMPATIBLE, () -> registry.schemaById(1)).hasMessageContaining("PROTOBUF");

    answerWith(200, "{\"schema\":\"{\\\"type\\\":\\\"nonsense\\\"}\"}");
    assertFails(Kind.INCOMPATIBLE, () -> registry.schemaById(1)).hasMessageContaining("Schema 1");
  }

  @Test
  void registersAgainWhereAnotherClientWasFirst() {
    conflicts = 1;
    answerWith(200, "{\"id\":7}");

    assertThat(registry.register("topic-value", Schema.create(Schema.Type.STRING))).isEqualTo(7);
  }

  @Test
  void refusesASchemaThatConflictsAgain() {
    conflicts = 2;
    answerWith(200, "{\"id\":7}");

    assertFails(
            Kind.INCOMPATIBLE,
            () -> registry.register("topic-value", Schema.create(Schema.Type.STRING)))
        .hasMessageContaining("409");
  }

  @Test
  void takesAnAnswerThatIsNoJsonForATroubleOnTheWay() {
    answerWith(200, "<html>Maintenance</html>");

    assertFails(Kind.UNREACHABLE, () -> registry.schemaById(1));
  }

  @Test
  void registersAlthoughItMayNotSetTheCompatibility() {
    server.removeContext("/");
    server.createContext(
        "/",
        exchange -> {
          String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
          switch (call) {
            case "GET /subjects/t-value/versions" ->
                answer(exchange, 404, "{\"error_code\":40401,\"message\":\"no subject\"}");
            case "PUT /config/t-value" ->
                answer(exchange, 403, "{\"error_code\":40301,\"message\":\"forbidden\"}");
            case "POST /subjects/t-value/versions" -> answer(exchange, 200, "{\"id\":7}");
            default -> answer(exchange, 500, call);
          }
        });

    assertThat(registry.register("t-value", ChatMessage.getClassSchema())).isEqualTo(7);
    assertThat(requests).hasSize(3);
  }

  @Test
  void sendsUserAndPasswordWhereTheyAreConfigured() {
    RegistryConfig config =
        RegistryConfig.fromProperties(
            Map.of("schema.registry.url", url(), "basic.auth.user.info", "user:secret"));
    try (SchemaRegistry secured = new ConfluentSchemaRegistry(config)) {
      secured.schemaById(1);
      assertThat(requests.get(0).getRequestHeaders().getFirst("Authorization"))
          .isEqualTo(
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString("user:secret".getBytes(StandardCharsets.UTF_8)));

      answerWith(401, "{\"error_code\":401,\"message\":\"Unauthorized\"}");
      assertFails(Kind.UNAUTHORIZED, () -> secured.schemaById(2))
          .hasMessageContaining("basic.auth.user.info")
          .hasMessageNotContaining("secret");
      assertThat(secured.toString()).doesNotContain("secret");
    }
  }

  @Test
  void namesASettingThatIsWrong() {
    RegistryConfig config =
        new RegistryConfig(
            List.of(url()),
            Map.of(
                "schema.registry.ssl.truststore.location", "/no/such/file",
                "schema.registry.ssl.truststore.password", "secret"));

    assertFails(Kind.OTHER, () -> new ConfluentSchemaRegistry(config))
        .hasMessageContaining("/no/such/file")
        .hasMessageNotContaining("secret");
  }

  @Test
  void givesUpOnASilentServerAfterTheReadTimeout() throws IOException {
    for (String setting : List.of("http.read.timeout.ms", "schema.registry.http.read.timeout.ms")) {
      try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          SchemaRegistry impatient =
              new ConfluentSchemaRegistry(
                  new RegistryConfig(
                      List.of("http://127.0.0.1:" + silent.getLocalPort()),
                      Map.of(setting, "100")))) {
        long before = System.nanoTime();
        assertFails(Kind.UNREACHABLE, () -> impatient.schemaById(1))
            .hasMessageContaining("no answer")
            .hasMessageContaining("SocketTimeoutException");
        assertThat(Duration.ofNanos(System.nanoTime() - before))
            .isLessThan(Duration.ofMillis(ConfluentSchemaRegistry.READ_TIMEOUT_MS));
      }
    }
  }

  @Test
  void triesTheNextUrlWhereOneDoesNotAnswer() throws IOException {
    int closed;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = free.getLocalPort();
    }
    try (SchemaRegistry two =
        new ConfluentSchemaRegistry(
            RegistryConfig.of("http://127.0.0.1:" + closed + "," + url()))) {
      assertThat(two.schemaById(1).getType().getName()).isEqualTo("string");
    }
  }

  @Test
  void refusesToBeUsedAfterClose() {
    registry.close();
    registry.close();

    assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(IllegalStateException.class);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answerWith(int newStatus, String newBody) {
    status = newStatus;
    body = newBody;
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (conflicts > 0 && exchange.getRequestMethod().equals("GET")) {
      answer(exchange, 200, "[1]");
    } else if (conflicts > 0 && conflictsSent.incrementAndGet() <= conflicts) {
      answer(exchange, 409, "{\"error_code\":409,\"message\":\"it already exists\"}");
    } else {
      answer(exchange, status, body);
    }
  }

  private void answer(HttpExchange exchange, int answerStatus, String answerBody)
      throws IOException {
    requests.add(Objects.requireNonNull(exchange));
    exchange.getRequestBody().readAllBytes();
    byte[] bytes = answerBody.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answerStatus, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static AbstractThrowableAssert<?, ?> assertFails(Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
