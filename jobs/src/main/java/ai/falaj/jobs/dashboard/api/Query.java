package ai.falaj.jobs.dashboard.api;

import ai.falaj.jobs.web.WebException;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.function.Function;

/** Parameters of a request's query. Stateless. */
final class Query {

  private Query() {}

  /**
   * A text that has to be there.
   *
   * @throws WebException 400 {@code missing_parameter}
   */
  static String required(Context context, String name) {
    return text(context, name)
        .orElseThrow(
            () ->
                WebException.badRequest(
                        "missing_parameter", "the parameter " + name + " is missing")
                    .ofParameter(name));
  }

  /** A text; empty where it is missing or empty. */
  static Optional<String> text(Context context, String name) {
    return Optional.ofNullable(context.queryParam(name)).filter(value -> !value.isEmpty());
  }

  /**
   * A number in a range.
   *
   * @throws WebException 400 {@code invalid_parameter}
   */
  static int number(Context context, String name, int byDefault, int least, int most) {
    Optional<String> value = text(context, name);
    if (value.isEmpty()) {
      return byDefault;
    }
    try {
      int number = Integer.parseInt(value.get());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw invalid(name, "a number from " + least + " to " + most);
    }
    throw invalid(name, "a number from " + least + " to " + most);
  }

  /**
   * One of a few words.
   *
   * @param choice empty for any other word
   * @param allowed for the message
   * @throws WebException 400 {@code invalid_parameter}
   */
  static <T> Optional<T> choice(
      Context context, String name, Function<String, Optional<T>> choice, String allowed) {
    Optional<String> value = text(context, name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    Optional<T> chosen = choice.apply(value.get());
    if (chosen.isEmpty()) {
      throw invalid(name, allowed);
    }
    return chosen;
  }

  private static WebException invalid(String name, String allowed) {
    return WebException.badRequest("invalid_parameter", name + " must be " + allowed)
        .ofParameter(name);
  }
}
