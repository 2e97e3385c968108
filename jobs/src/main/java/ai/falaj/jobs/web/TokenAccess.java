package ai.falaj.jobs.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One token for all callers: as {@code Authorization: Bearer}, or shown once by a browser, which
 * gets a {@link SessionCookie} for it. Without a token everybody who can connect may call. Any
 * thread.
 */
public final class TokenAccess implements Access {

  private static final Duration SESSION = Duration.ofHours(12);
  private static final int WRONG_TOKENS_PER_MINUTE = 20;
  private static final int LONGEST_TOKEN = 4_096;

  private final Optional<AccessToken> token;
  private final Predicate<String> isPublic;
  private final SessionCookie sessions;
  private final FailureLimit wrongTokens;

  /**
   * @param token empty: none is needed
   * @param isPublic paths that need none in any case
   */
  public TokenAccess(Optional<AccessToken> token, Predicate<String> isPublic, InstantSource clock) {
    this.token = token;
    this.isPublic = isPublic;
    this.sessions = new SessionCookie(SESSION, clock);
    this.wrongTokens =
        new FailureLimit(WRONG_TOKENS_PER_MINUTE, Duration.ofMinutes(1), System::nanoTime);
  }

  /** Adds {@code POST /api/login} and {@code POST /api/logout}. */
  public void addTo(RoutesConfig routes) {
    routes.post("/api/login", this::login);
    routes.post("/api/logout", this::logout);
  }

  /** Whether callers need the token. */
  public boolean isTokenNeeded() {
    return token.isPresent();
  }

  @Override
  public void check(RequestHead request, Context context) {
    if (!isPublic.test(request.path()) && !isAuthenticated(request, context)) {
      throw WebException.unauthorized(
          "token_needed", "send the token as Authorization: Bearer, or log in");
    }
  }

  /**
   * Whether the caller has shown the token.
   *
   * @throws WebException 429 where too many wrong ones were shown
   */
  public boolean isAuthenticated(RequestHead request, Context context) {
    if (token.isEmpty()) {
      return true;
    }
    Optional<String> cookie = Optional.ofNullable(context.cookie(SessionCookie.NAME));
    return cookie.filter(sessions::isValid).isPresent()
        || request.bearerToken().filter(this::isToken).isPresent();
  }

  private boolean isToken(String candidate) {
    Optional<Duration> wait = wrongTokens.waitNow();
    if (wait.isPresent()) {
      throw WebException.tooMany("too_many_wrong_tokens", "wait, then try again", wait.get());
    }
    if (candidate.length() <= LONGEST_TOKEN && token.orElseThrow().matches(candidate)) {
      return true;
    }
    wrongTokens.failed();
    return false;
  }

  private void login(Context context) {
    String candidate = RequestBody.json(context).path("token").asText("").strip();
    if (token.isPresent()) {
      if (!isToken(candidate)) {
        throw WebException.unauthorized("wrong_token", "that is not the token of this server");
      }
      setCookie(context, sessions.issue(), sessions.lifetime());
    }
    context.status(204);
  }

  private void logout(Context context) {
    setCookie(context, "", Duration.ZERO);
    context.status(204);
  }

  /** By hand: the servlet API before version 6.1 has no SameSite. */
  private static void setCookie(Context context, String value, Duration lifetime) {
    String secure = context.req().isSecure() ? "; Secure" : "";
    context
        .res()
        .addHeader(
            "Set-Cookie",
            SessionCookie.NAME
                + "="
                + value
                + "; Path=/; Max-Age="
                + lifetime.toSeconds()
                + "; HttpOnly; SameSite=Strict"
                + secure);
  }
}
