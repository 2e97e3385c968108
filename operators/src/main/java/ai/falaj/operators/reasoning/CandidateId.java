package ai.falaj.operators.reasoning;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Request id of a sample: {@code ID#INDEX/SAMPLES}. An id of a client may look like one; the last
 * part counts.
 *
 * @param requestId of the client's request
 * @param index 0 for the first
 * @param samples candidates of the problem
 */
public record CandidateId(String requestId, int index, int samples) {

  private static final Pattern FORM =
      Pattern.compile("(.*)#([0-9]{1,3})/([0-9]{1,3})", Pattern.DOTALL);

  /**
   * @throws IllegalArgumentException when it is the id of no sample
   */
  public static CandidateId parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no id of a candidate: " + text);
    }
    return new CandidateId(
        matcher.group(1), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)));
  }

  static String of(Problem problem, int index) {
    return new CandidateId(problem.request().getRequestId(), index, problem.trace().getSamples())
        .toString();
  }

  @Override
  public String toString() {
    return requestId + "#" + index + "/" + samples;
  }
}
