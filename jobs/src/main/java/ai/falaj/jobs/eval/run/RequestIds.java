package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.eval.data.Problem;
import java.util.Optional;
import java.util.UUID;

/**
 * Names the requests of one session of a run. Every session has names of its own, so that a job
 * that answers each request once answers a problem again whose prompt was cancelled; and each name
 * tells its run and problem, so that a later session knows what an earlier one asked. Immutable.
 */
public final class RequestIds {

  private static final int SESSION_LENGTH = 8;

  private final String runPrefix;
  private final String session;

  private RequestIds(String runPrefix, String session) {
    this.runPrefix = runPrefix;
    this.session = session;
  }

  /** Names for a new session of a run. */
  public static RequestIds ofNewSession(RunSettings settings) {
    return new RequestIds(
        "eval-" + settings.runId() + "-",
        UUID.randomUUID().toString().substring(0, SESSION_LENGTH));
  }

  public String of(Problem problem) {
    return runPrefix + session + "-" + problem.id();
  }

  /**
   * Id of the problem that a request of any session of this run asked; empty for other requests.
   */
  Optional<String> problemId(String requestId) {
    int begin = runPrefix.length() + SESSION_LENGTH + 1;
    return requestId.startsWith(runPrefix) && requestId.length() > begin
        ? Optional.of(requestId.substring(begin))
        : Optional.empty();
  }
}
