package ai.falaj.jobs.eval.grading;

import java.text.Normalizer;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Brings an answer to one spelling: ASCII digits and operators, LaTeX commands for the rest, no
 * commands that only place things on the page, no wrapping. Pure and idempotent; what it does not
 * know it leaves alone.
 */
final class AnswerNormalizer {

  /** What is longer than any answer is not looked at. */
  static final int MAX_LENGTH = 2_000;

  private static final Map<Integer, String> REPLACEMENTS =
      Map.ofEntries(
          Map.entry((int) '٫', "."),
          Map.entry((int) '٬', ","),
          Map.entry((int) '،', ","),
          Map.entry((int) '؛', ";"),
          Map.entry((int) '٪', "%"),
          Map.entry((int) '−', "-"),
          Map.entry((int) '–', "-"),
          Map.entry((int) '—', "-"),
          Map.entry((int) '‐', "-"),
          Map.entry((int) '‑', "-"),
          Map.entry((int) '×', "*"),
          Map.entry((int) '⋅', "*"),
          Map.entry((int) '·', "*"),
          Map.entry((int) '∗', "*"),
          Map.entry((int) '÷', "/"),
          Map.entry((int) '⁄', "/"),
          Map.entry((int) '∕', "/"),
          Map.entry((int) '√', "\\sqrt "),
          Map.entry((int) 'π', "\\pi "),
          Map.entry((int) '∞', "\\infty "),
          Map.entry((int) '°', "^\\circ "),
          Map.entry((int) '∪', "\\cup "),
          Map.entry((int) '∅', "\\emptyset "),
          Map.entry((int) '∈', "\\in "),
          Map.entry((int) '±', "\\pm "),
          Map.entry((int) '≤', "\\le "),
          Map.entry((int) '≥', "\\ge "),
          Map.entry((int) '’', "'"),
          Map.entry((int) '‘', "'"),
          Map.entry((int) '“', "\""),
          Map.entry((int) '”', "\""));

  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  private static final char SUPERSCRIPT_MINUS = '⁻';

  private static final Pattern PLACEMENT =
      Pattern.compile(
          "\\\\(?:left|right|middle)\\s*\\.(?!\\d)"
              + "|\\\\(?:left|right|middle|[bB]igg?[lrm]?|displaystyle|textstyle|limits|boldsymbol"
              + "|bm|mathbf|mathit|mathbb|mathcal)(?![a-zA-Z])"
              + "|\\\\(?:hspace|vspace|phantom|label|tag)\\*?\\s*\\{[^{}]*\\}"
              + "|\\\\boxed(?![a-zA-Z])|\\\\!");

  private static final Pattern THIN_SPACE_IN_NUMBER =
      Pattern.compile("(?<=\\d)(?:\\\\[,;:]|\\{,\\}|~)+(?=\\d{3}(?!\\d))");

  private static final Pattern SPACE =
      Pattern.compile("(?<!\\\\)\\\\[,;:\\s]|~|\\\\q?quad(?![a-zA-Z])|[\\s\\p{Zs}]+");

  private static final Pattern BOLD = Pattern.compile("\\*\\*([^*]+)\\*\\*");

  private static final Pattern TEXT =
      Pattern.compile(
          "\\\\(?:text(?:bf|it|rm|sf|tt|normal)?|mbox|hbox|mathrm|mathsf|rm|operatorname)\\*?\\s*"
              + "(?=\\{)");

  private static final Pattern TRAILING = Pattern.compile("(?:\\s|[.,;:]|\\\\\\\\)+$");

  private AnswerNormalizer() {}

  static String normalize(String answer) {
    String text = answer.length() > MAX_LENGTH ? answer.substring(0, MAX_LENGTH) : answer;
    text = characters(text);
    text = BOLD.matcher(text).replaceAll("$1");
    text = PLACEMENT.matcher(text).replaceAll("");
    text = THIN_SPACE_IN_NUMBER.matcher(text).replaceAll(",");
    text = TEXT.matcher(text).replaceAll("\\\\text");
    text = commands(text);
    text = SPACE.matcher(text).replaceAll(" ");
    return unwrapped(text);
  }

  private static String commands(String text) {
    return text.replaceAll("\\\\[dtc]frac(?![a-zA-Z])", "\\\\frac")
        .replaceAll("\\\\(frac|binom)\\s*(\\d)\\s*(\\d)", "\\\\$1{$2}{$3}")
        .replaceAll("\\\\(frac|binom)\\s*(\\d)\\s*(?=[{\\\\])", "\\\\$1{$2}")
        .replaceAll("\\\\(?:times|cdot|ast)(?![a-zA-Z])", "*")
        .replaceAll("\\\\div(?![a-zA-Z])", "/")
        .replaceAll("\\\\(?:leq|leqslant)(?![a-zA-Z])", "\\\\le")
        .replaceAll("\\\\(?:geq|geqslant)(?![a-zA-Z])", "\\\\ge")
        .replaceAll("\\\\lt(?![a-zA-Z])", "<")
        .replaceAll("\\\\gt(?![a-zA-Z])", ">")
        .replaceAll("\\\\(?:varnothing)(?![a-zA-Z])", "\\\\emptyset")
        .replaceAll("\\\\(?:lvert|rvert|vert|mid)(?![a-zA-Z])", "|")
        .replaceAll("\\\\(?:degree|degrees)(?![a-zA-Z])", "^\\\\circ")
        .replaceAll("\\^\\s*\\{\\s*\\\\circ\\s*\\}", "^\\\\circ")
        .replaceAll("\\\\(?:lbrace)(?![a-zA-Z])", "\\\\{")
        .replaceAll("\\\\(?:rbrace)(?![a-zA-Z])", "\\\\}")
        .replace("\\%", "%")
        .replace("\\$", "$")
        .replace("{,}", ",")
        .replace("**", "^");
  }

  /** Dollar signs delimit mathematics or are currency: neither changes a value. */
  private static String unwrapped(String text) {
    String before;
    String after = text;
    do {
      before = after;
      after = before.strip();
      after = TRAILING.matcher(after).replaceAll("");
      after = after.replaceAll("^(?:\\\\\\(|\\\\\\[)|(?:\\\\\\)|\\\\\\])$", "");
      after = after.replaceAll("^\\$+|\\$+$", "").replace("$", "");
      after = withoutPair(after, "*", "*");
      after = withoutPair(after, "`", "`");
      after = withoutPair(after, "\"", "\"");
      after = withoutBraces(after);
    } while (!after.equals(before));
    return after;
  }

  private static String withoutPair(String text, String open, String close) {
    return text.length() >= 2 && text.startsWith(open) && text.endsWith(close)
        ? text.substring(1, text.length() - 1)
        : text;
  }

  private static String withoutBraces(String text) {
    return text.startsWith("{") && LatexBraces.closing(text, 0).orElse(-1) == text.length() - 1
        ? text.substring(1, text.length() - 1)
        : text;
  }

  private static String characters(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int superscripts = superscriptsFrom(text, i);
      if (superscripts > 0) {
        plain.append("^{");
        text.substring(i, i + superscripts).chars().forEach(s -> plain.append(plainScript(s)));
        plain.append('}');
        i += superscripts;
        continue;
      }
      append(c, plain);
      i += Character.charCount(c);
    }
    return plain.toString();
  }

  private static void append(int c, StringBuilder plain) {
    String replacement = REPLACEMENTS.get(c);
    if (replacement != null) {
      plain.append(replacement);
    } else if (Character.isDigit(c)) {
      plain.append(Character.digit(c, 10));
    } else if (Character.getType(c) == Character.FORMAT) {
      // Directions and joiners: invisible.
      return;
    } else if (c < 128) {
      plain.append((char) c);
    } else {
      appendCompatible(c, plain);
    }
  }

  /** Fullwidth forms and vulgar fractions: {@code 3½} becomes {@code 3 1/2}. */
  private static void appendCompatible(int c, StringBuilder plain) {
    String compatible = Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKC);
    int slash = compatible.indexOf('⁄');
    if (slash > 0) {
      boolean mixed = plain.length() > 0 && Character.isDigit(plain.charAt(plain.length() - 1));
      plain.append(mixed ? " " : "").append(compatible.replace('⁄', '/'));
    } else {
      plain.append(compatible);
    }
  }

  private static int superscriptsFrom(String text, int from) {
    int end = from;
    while (end < text.length()
        && (SUPERSCRIPTS.indexOf(text.charAt(end)) >= 0 || text.charAt(end) == SUPERSCRIPT_MINUS)) {
      end++;
    }
    return end - from;
  }

  private static char plainScript(int superscript) {
    return superscript == SUPERSCRIPT_MINUS
        ? '-'
        : (char) ('0' + SUPERSCRIPTS.indexOf(superscript));
  }
}
