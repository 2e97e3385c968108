package ai.falaj.operators.reasoning;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with places for values, written as {@code {name}}. All are filled in one pass, so that a
 * question that holds {@code {plan}} is asked as it stands. Immutable.
 */
public final class PromptTemplate implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final Pattern PLACE = Pattern.compile("\\{([a-z_]+)}");

  private final String text;

  private PromptTemplate(String text) {
    this.text = text;
  }

  /**
   * @param required the places that the text must have
   * @throws IllegalArgumentException naming the place that is missing
   */
  static PromptTemplate of(String text, Set<String> required) {
    Set<String> missing = new TreeSet<>(required);
    Matcher places = PLACE.matcher(text);
    while (places.find()) {
      missing.remove(places.group(1));
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "the prompt has no place for its "
              + String.join(" and ", missing)
              + "; write {"
              + missing.iterator().next()
              + "} where it belongs");
    }
    return new PromptTemplate(text);
  }

  /** The text with these values; what looks like a place and has none stays as it is. */
  String with(Map<String, String> values) {
    Matcher places = PLACE.matcher(text);
    StringBuilder filled = new StringBuilder();
    while (places.find()) {
      String value = values.getOrDefault(places.group(1), places.group());
      places.appendReplacement(filled, Matcher.quoteReplacement(value));
    }
    return places.appendTail(filled).toString();
  }

  @Override
  public String toString() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PromptTemplate that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
