package ai.falaj.jobs.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every server refuses, before its own handlers see the request. */
class WebServerTest {

  private static final AtomicInteger CHANGES = new AtomicInteger();

  private static WebServer server;

  @BeforeAll
  static void start() {
    server =
        WebServer.start(
            "web-server-test",
            new ListenSettings(ListenSettings.loopbackAddress(), 0, Set.of("dashboard.example")),
            (request, context) -> {},
            routes -> {
              routes.get("/api/figures", context -> context.result("figures"));
              routes.post(
                  "/api/change",
                  context -> {
                    RequestBody.json(context);
                    CHANGES.incrementAndGet();
                    context.status(204);
                  });
              routes.get(
                  "/api/broken",
                  context -> {
                    throw new IllegalStateException("the inside of the server");
                  });
              new StaticFiles(WebServer.class, "/ai/falaj/jobs/dashboard").addTo(routes);
            });
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void forgetChanges() {
    CHANGES.set(0);
  }

  private static String get(String path, String headers) throws IOException {
    return RawHttp.send(server.url(), "GET " + path + " HTTP/1.1\n" + headers, "");
  }

  private static String post(String headers, String body) throws IOException {
    return RawHttp.send(
        server.url(),
        "POST /api/change HTTP/1.1\n" + headers + "\nContent-Length: " + body.length(),
        body);
  }

  private static String host() {
    return "Host: 127.0.0.1:" + server.port();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "LOCALHOST:99", "[::1]:1", "Dashboard.Example"})
  void answersUnderNamesThatNobodyElseCanHave(String host) throws IOException {
    assertThat(RawHttp.status(get("/api/figures", "Host: " + host))).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"})
  void refusesNamesThatDnsCouldTurnAround(String host) throws IOException {
    String answer = get("/api/figures", "Host: " + host);

    assertThat(RawHttp.status(answer)).isEqualTo(421);
    assertThat(answer).contains("unknown_host", "--allow-host").doesNotContain("figures\n");
  }

  @Test
  void refusesDataToThePagesOfOtherSites() throws IOException {
    assertThat(RawHttp.status(get("/api/figures", host() + "\nOrigin: http://evil.example")))
        .isEqualTo(403);
    assertThat(RawHttp.status(get("/api/figures", host() + "\nSec-Fetch-Site: cross-site")))
        .isEqualTo(403);
    assertThat(RawHttp.status(get("/api/figures", host() + "\nOrigin: null"))).isEqualTo(403);
  }

  @Test
  void refusesChangesThatOtherSitesMakeABrowserSend() throws IOException {
    String json = host() + "\nContent-Type: application/json";

    assertThat(RawHttp.status(post(json + "\nOrigin: http://evil.example", "{}"))).isEqualTo(403);
    assertThat(RawHttp.status(post(host() + "\nContent-Type: text/plain", "{}"))).isEqualTo(415);
    assertThat(RawHttp.status(post(host(), "{}"))).isEqualTo(415);
    assertThat(CHANGES).hasValue(0);

    assertThat(RawHttp.status(post(json + "\nOrigin: http://127.0.0.1:" + server.port(), "{}")))
        .isEqualTo(204);
    assertThat(RawHttp.status(post(json, "{}"))).isEqualTo(204);
    assertThat(CHANGES).hasValue(2);
  }

  @Test
  void refusesBodiesThatAreTooLarge() throws IOException {
    String json = host() + "\nContent-Type: application/json";
    String large = "x".repeat(WebServer.MOST_BODY_BYTES + 1);

    String declared =
        RawHttp.send(
            server.url(),
            "POST /api/change HTTP/1.1\n" + json + "\nContent-Length: " + large.length(),
            "");
    String chunked =
        RawHttp.send(
            server.url(),
            "POST /api/change HTTP/1.1\n" + json + "\nTransfer-Encoding: chunked",
            Integer.toHexString(large.length()) + "\r\n" + large + "\r\n0\r\n\r\n");

    assertThat(RawHttp.status(declared)).isEqualTo(413);
    assertThat(RawHttp.status(chunked)).isEqualTo(413);
    assertThat(CHANGES).hasValue(0);
  }

  @Test
  void refusesBodiesThatAreNoJson() throws IOException {
    String answer = post(host() + "\nContent-Type: application/json", "{\"a\": ");

    assertThat(RawHttp.status(answer)).isEqualTo(400);
    assertThat(answer).contains("\"code\":\"invalid_json\"");
  }

  @Test
  void saysNothingOfItsInsideWhenAHandlerFails() throws IOException {
    String answer = get("/api/broken", host());

    assertThat(RawHttp.status(answer)).isEqualTo(500);
    assertThat(answer)
        .contains("\"code\":\"unexpected\"")
        .doesNotContain("inside", "IllegalState", "at ai.falaj");
  }

  @Test
  void forbidsBrowsersWhatAnswersDoNotNeed() throws IOException {
    for (String path : new String[] {"/", "/api/figures", "/nothing", "/api/broken"}) {
      assertThat(get(path, host()))
          .as(path)
          .contains(
              "Content-Security-Policy: default-src 'self';",
              "frame-ancestors 'none'",
              "X-Content-Type-Options: nosniff",
              "X-Frame-Options: DENY",
              "Referrer-Policy: no-referrer")
          .doesNotContain("unsafe-inline", "Server: Jetty");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../WebServer.class",
        "/%2e%2e/web/WebServer.class",
        "/WebServer.class",
        "/css/../main.js",
        "/css/",
        "/css",
        "//main.js",
        "/main.js%00.html",
        "/main.js;a=b"
      })
  void servesNoFileButThoseOfThePage(String path) throws IOException {
    assertThat(RawHttp.status(get(path, host()))).isBetween(400, 404);
  }

  @Test
  void servesThePageAndKnowsWhetherABrowserHasIt() throws IOException {
    String page = get("/", host());
    assertThat(page).contains("Content-Type: text/html", "<html");
    String etag = page.lines().filter(line -> line.startsWith("ETag: ")).findFirst().orElseThrow();

    String again = get("/", host() + "\nIf-None-Match: " + etag.substring(6));

    assertThat(RawHttp.status(again)).isEqualTo(304);
    assertThat(get("/main.js", host())).contains("Content-Type: text/javascript");
  }

  @Test
  void tellsWhichPortIsTaken() {
    ListenSettings same = ListenSettings.loopback(server.port());

    assertThatThrownBy(() -> WebServer.start("second", same, (request, context) -> {}, r -> {}))
        .isInstanceOf(PortTakenException.class)
        .hasMessage("port " + server.port() + " is taken");
  }

  @Test
  void namesItsAddressAsAUrl() {
    assertThat(server.url()).isEqualTo(URI.create("http://127.0.0.1:" + server.port() + "/"));
  }
}
