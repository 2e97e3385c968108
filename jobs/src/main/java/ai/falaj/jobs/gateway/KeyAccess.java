package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.Access;
import ai.falaj.jobs.web.FailureLimit;
import ai.falaj.jobs.web.RequestHead;
import ai.falaj.jobs.web.WebException;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.Optional;

/** Callers by their key; without keys, everybody is one caller without a name. Any thread. */
final class KeyAccess implements Access {

  static final String HEALTH = "/health";

  private static final String TENANT = "falaj.tenant";
  private static final int LONGEST_KEY = 4_096;
  private static final int WRONG_KEYS_PER_MINUTE = 100;

  private final Optional<ApiKeys> keys;
  private final FailureLimit wrongKeys =
      new FailureLimit(WRONG_KEYS_PER_MINUTE, Duration.ofMinutes(1), System::nanoTime);

  KeyAccess(Optional<ApiKeys> keys) {
    this.keys = keys;
  }

  @Override
  public void check(RequestHead request, Context context) {
    if (keys.isEmpty() || request.path().equals(HEALTH)) {
      return;
    }
    Optional<String> tenant =
        request
            .bearerToken()
            .filter(key -> key.length() <= LONGEST_KEY)
            .flatMap(keys.get()::tenantOf);
    if (tenant.isEmpty()) {
      refuse();
    }
    context.attribute(TENANT, tenant.get());
  }

  /** A right key is never made to wait; wrong ones are, soon. */
  private void refuse() {
    Optional<Duration> wait = wrongKeys.waitNow();
    if (wait.isPresent()) {
      throw WebException.tooMany("too_many_wrong_keys", "wait, then try again", wait.get());
    }
    wrongKeys.failed();
    throw WebException.unauthorized(
        "invalid_api_key", "send a key of this gateway as Authorization: Bearer");
  }

  /** The caller's tenant; empty where there are no keys. */
  static Optional<String> tenant(Context context) {
    return Optional.ofNullable(context.attribute(TENANT));
  }
}
