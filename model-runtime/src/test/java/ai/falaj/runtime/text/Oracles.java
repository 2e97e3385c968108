package ai.falaj.runtime.text;

import java.util.List;

/** What the streaming classes must come to, worked out plainly on the whole text. */
final class Oracles {

  /** Reasoning and answer of a whole text. */
  record Split(String reasoning, String answer) {}

  private Oracles() {}

  /** Text before the stop string that is complete first; the longest of those that end together. */
  static String untilStop(String text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++) {
      String soFar = text.substring(0, end);
      int stopLength =
          stops.stream().filter(soFar::endsWith).mapToInt(String::length).max().orElse(0);
      if (stopLength > 0) {
        return soFar.substring(0, end - stopLength);
      }
    }
    return text;
  }

  static Split split(String text, boolean insideReasoning) {
    String blankless = text.stripLeading();
    if (!insideReasoning && !blankless.startsWith("<think>")) {
      return new Split("", text);
    }
    String rest = blankless.startsWith("<think>") ? after("<think>", blankless, 0) : blankless;
    int close = rest.indexOf("</think>");
    if (close < 0) {
      return new Split(rest.stripLeading(), "");
    }
    return new Split(
        rest.substring(0, close).strip(), answer(after("</think>", rest, close).stripLeading()));
  }

  private static String answer(String text) {
    if (!text.startsWith("<answer>")) {
      return text;
    }
    String body = after("<answer>", text, 0);
    int close = body.indexOf("</answer>");
    return close < 0
        ? body.stripLeading()
        : body.substring(0, close).strip() + after("</answer>", body, close).stripTrailing();
  }

  private static String after(String tag, String text, int tagIndex) {
    return text.substring(tagIndex + tag.length());
  }
}
