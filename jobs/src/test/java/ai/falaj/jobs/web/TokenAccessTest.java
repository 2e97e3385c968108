package ai.falaj.jobs.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets past a server that asks for a token. */
class TokenAccessTest {

  private static final String TOKEN = "0123456789abcdef-secret";

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T08:00:00Z"));
  private WebServer server;

  @BeforeEach
  void start() {
    InstantSource clock = now::get;
    TokenAccess access =
        new TokenAccess(
            Optional.of(AccessToken.of(TOKEN)),
            path -> path.equals("/api/login") || path.equals("/"),
            clock);
    server =
        WebServer.start(
            "token-access-test",
            ListenSettings.loopback(0),
            access,
            routes -> {
              access.addTo(routes);
              routes.get("/", context -> context.result("page"));
              routes.get("/api/figures", context -> context.result("secret figures"));
              routes.get("/<file>", context -> context.result("secret file"));
            });
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String get(String path, String header) throws IOException {
    return RawHttp.send(server.url(), "GET " + path + " HTTP/1.1\nHost: localhost\n" + header, "");
  }

  private String login(String token) throws IOException {
    String body = "{\"token\": \"" + token + "\"}";
    return RawHttp.send(
        server.url(),
        "POST /api/login HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: "
            + body.length(),
        body);
  }

  private static String cookie(String answer) {
    String header =
        answer.lines().filter(line -> line.startsWith("Set-Cookie: ")).findFirst().orElseThrow();
    return "Cookie: " + header.substring("Set-Cookie: ".length()).split(";", 2)[0];
  }

  @Test
  void refusesWhoShowsNoTokenOrAWrongOne() throws IOException {
    for (String header :
        new String[] {
          "Accept: */*",
          "Authorization: Bearer " + TOKEN + "x",
          "Authorization: Bearer",
          "Authorization: Basic " + TOKEN,
          "Cookie: falaj_session=" + TOKEN,
          "Cookie: falaj_session=AAAAAAAAAAA.AAAA"
        }) {
      String answer = get("/api/figures", header);
      assertThat(RawHttp.status(answer)).as(header).isEqualTo(401);
      assertThat(answer).doesNotContain("secret figures", TOKEN + "\"");
    }
    assertThat(get("/", "Accept: */*")).contains("page");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//api/figures",
        "/%61pi/figures",
        "/api;x/figures",
        "/./api/figures",
        "/x/../api/figures",
        "/api%2ffigures",
        "/API/figures",
        "/api/figures/",
        "/api/figures;a.js",
        "/api/figures?x=/api/login"
      })
  void refusesThePathHoweverItIsWritten(String path) throws IOException {
    assertThat(get(path, "Accept: */*")).doesNotContain("secret");
  }

  @Test
  void admitsTheToken() throws IOException {
    assertThat(get("/api/figures", "Authorization: Bearer " + TOKEN)).contains("secret figures");
    assertThat(get("/api/figures", "Authorization: bearer  " + TOKEN)).contains("secret figures");
  }

  @Test
  void givesABrowserThatShowsTheTokenACookieForHours() throws IOException {
    String answer = login(TOKEN);

    assertThat(RawHttp.status(answer)).isEqualTo(204);
    assertThat(answer).contains("HttpOnly", "SameSite=Strict").doesNotContain(TOKEN);
    String cookie = cookie(answer);
    assertThat(get("/api/figures", cookie)).contains("secret figures");
    assertThat(RawHttp.status(get("/api/figures", cookie + "x"))).isEqualTo(401);
    now.set(now.get().plusSeconds(13 * 3_600));
    assertThat(RawHttp.status(get("/api/figures", cookie))).isEqualTo(401);
  }

  @Test
  void slowsDownWhoGuesses() throws IOException {
    assertThat(RawHttp.status(login("wrong"))).isEqualTo(401);
    String refused = "";
    for (int guess = 0; guess < 20; guess++) {
      refused = login("guess " + guess);
    }

    assertThat(RawHttp.status(refused)).isEqualTo(429);
    assertThat(refused).containsPattern("Retry-After: [1-6]?[0-9]\r");
  }
}
