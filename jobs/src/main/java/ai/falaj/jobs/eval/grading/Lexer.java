package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Token.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a normalized answer into tokens. Confined to one thread, used once. */
final class Lexer {

  static final Set<String> FUNCTIONS =
      Set.of(
          "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh",
          "tanh", "log", "lg", "ln", "exp", "abs");

  private static final Set<String> GREEK =
      Set.of(
          "alpha",
          "beta",
          "gamma",
          "delta",
          "epsilon",
          "varepsilon",
          "zeta",
          "eta",
          "theta",
          "vartheta",
          "iota",
          "kappa",
          "lambda",
          "mu",
          "nu",
          "xi",
          "rho",
          "sigma",
          "tau",
          "upsilon",
          "phi",
          "varphi",
          "chi",
          "psi",
          "omega",
          "Gamma",
          "Delta",
          "Theta",
          "Lambda",
          "Xi",
          "Pi",
          "Sigma",
          "Phi",
          "Psi",
          "Omega",
          "ell");

  private static final Map<String, Token.Type> COMMANDS =
      Map.ofEntries(
          Map.entry("frac", Type.FRAC),
          Map.entry("binom", Type.BINOM),
          Map.entry("sqrt", Type.SQRT),
          Map.entry("cup", Type.UNION),
          Map.entry("in", Type.ELEMENT_OF),
          Map.entry("pm", Type.PLUS_MINUS),
          Map.entry("circ", Type.DEGREE),
          Map.entry("pi", Type.CONSTANT),
          Map.entry("infty", Type.CONSTANT));

  private static final Set<String> MATRICES =
      Set.of("pmatrix", "bmatrix", "matrix", "vmatrix", "Bmatrix", "array", "smallmatrix");

  /** With thousands in groups after commas or single spaces, or with none. */
  private static final Pattern GROUPED =
      Pattern.compile(
          "(?<![\\d.])\\d{1,3}(?:,\\d{3})+(?![\\d])(?:\\.\\d+)?"
              + "|(?<![\\d.])\\d{1,3}(?: \\d{3})+(?![\\d/])(?:\\.\\d+)?");

  private static final Pattern PLAIN =
      Pattern.compile("(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d{1,4}(?![\\d.]))?");

  private static final Pattern LETTERS = Pattern.compile("[a-zA-Z]+");
  private static final Pattern OTHER_LETTERS = Pattern.compile("[\\p{L}\\p{M}'&&[^a-zA-Z]]+");

  private final String text;
  private final boolean groups;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean afterSpace;

  /**
   * @param groups whether commas and spaces may separate thousands
   */
  Lexer(String text, boolean groups) {
    this.text = text;
    this.groups = groups;
  }

  List<Token> tokens() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ') {
        afterSpace = true;
        at++;
      } else if (isDigit(c) || c == '.') {
        number();
      } else if (c == '\\') {
        command();
      } else if (isLatin(c)) {
        letters();
      } else if (Character.isLetter(c)) {
        match(OTHER_LETTERS, Type.WORD);
      } else {
        symbol(c);
      }
    }
    return List.copyOf(tokens);
  }

  private void add(Type type, String content, int length) {
    tokens.add(new Token(type, content, afterSpace));
    afterSpace = false;
    at += length;
  }

  private boolean match(Pattern pattern, Type type) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    matcher.useTransparentBounds(true);
    if (!matcher.lookingAt()) {
      return false;
    }
    String found = matcher.group();
    add(type, type == Type.NUMBER ? found.replaceAll("[, ]", "") : found, found.length());
    return true;
  }

  private void number() {
    if (groups && match(GROUPED, Type.NUMBER)) {
      return;
    }
    if (!match(PLAIN, Type.NUMBER)) {
      add(Type.UNKNOWN, ".", 1);
    }
  }

  private void letters() {
    Matcher matcher = LETTERS.matcher(text).region(at, text.length());
    matcher.lookingAt();
    String run = matcher.group();
    if (FUNCTIONS.contains(run)) {
      add(Type.FUNCTION, run, run.length());
    } else if (run.equals("sqrt")) {
      add(Type.SQRT, run, run.length());
    } else if (run.equals("pi")) {
      add(Type.CONSTANT, run, run.length());
    } else if (run.equals("inf") || run.equals("infinity")) {
      add(Type.CONSTANT, "infty", run.length());
    } else if (run.length() > 2 || Units.isKnown(run) && run.length() == 2) {
      add(Type.WORD, run, run.length());
    } else {
      letter();
    }
  }

  private void letter() {
    char c = text.charAt(at);
    if (c == 'e' || c == 'i') {
      add(Type.CONSTANT, String.valueOf(c), 1);
    } else {
      add(Type.VARIABLE, String.valueOf(c), 1);
      subscript();
    }
  }

  /** {@code x_1}, {@code x_{12}}: part of the name. */
  private void subscript() {
    if (at + 1 >= text.length() || text.charAt(at) != '_') {
      return;
    }
    int end = at + 2;
    if (text.charAt(at + 1) == '{') {
      end = LatexBraces.closing(text, at + 1).orElse(text.length() - 1) + 1;
    }
    Token name = tokens.remove(tokens.size() - 1);
    String index = text.substring(at + 1, end).replaceAll("[{}\\s]", "");
    tokens.add(new Token(Type.VARIABLE, name.text() + "_" + index, name.afterSpace()));
    at = end;
  }

  private void command() {
    Matcher matcher = LETTERS.matcher(text).region(at + 1, text.length());
    if (!matcher.lookingAt()) {
      escaped();
      return;
    }
    String name = matcher.group();
    int length = name.length() + 1;
    if (name.equals("text")) {
      words(length);
    } else if (name.equals("begin") || name.equals("end")) {
      environment(name, length);
    } else if (FUNCTIONS.contains(name)) {
      add(Type.FUNCTION, name, length);
    } else if (GREEK.contains(name)) {
      add(Type.VARIABLE, name, length);
      subscript();
    } else if (name.equals("le") || name.equals("ge")) {
      add(Type.RELATION, name.equals("le") ? "<=" : ">=", length);
    } else {
      add(COMMANDS.getOrDefault(name, Type.UNKNOWN), name, length);
    }
  }

  private void escaped() {
    char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
    switch (next) {
      case '{' -> add(Type.OPEN, "{", 2);
      case '}' -> add(Type.CLOSE, "}", 2);
      case '\\' -> add(Type.NEXT_ROW, "\\\\", 2);
      default -> add(Type.UNKNOWN, "\\", 1);
    }
  }

  /** {@code \text{...}}: a word, unless there is a number in it. */
  private void words(int length) {
    int open = at + length;
    OptionalInt close =
        open < text.length() && text.charAt(open) == '{'
            ? LatexBraces.closing(text, open)
            : OptionalInt.empty();
    if (close.isEmpty()) {
      add(Type.UNKNOWN, "text", length);
      return;
    }
    String content = text.substring(open + 1, close.getAsInt()).strip();
    int whole = close.getAsInt() + 1 - at;
    if (content.isEmpty()) {
      at += whole;
    } else if (PLAIN.matcher(content).matches()) {
      add(Type.NUMBER, content, whole);
    } else {
      add(Type.WORD, content, whole);
    }
  }

  private void environment(String name, int length) {
    int open = at + length;
    OptionalInt close =
        open < text.length() && text.charAt(open) == '{'
            ? LatexBraces.closing(text, open)
            : OptionalInt.empty();
    if (close.isEmpty() || !MATRICES.contains(text.substring(open + 1, close.getAsInt()))) {
      add(Type.UNKNOWN, name, length);
      return;
    }
    boolean begins = name.equals("begin");
    int end = close.getAsInt() + 1;
    // An array says how its columns are aligned.
    if (begins
        && text.startsWith("array", open + 1)
        && end < text.length()
        && text.charAt(end) == '{') {
      end = LatexBraces.closing(text, end).orElse(end - 1) + 1;
    }
    add(begins ? Type.BEGIN_MATRIX : Type.END_MATRIX, "", end - at);
  }

  private void symbol(char c) {
    switch (c) {
      case '^' -> {
        if (text.startsWith("\\circ", at + 1)) {
          add(Type.DEGREE, "circ", "^\\circ".length());
        } else {
          add(Type.OPERATOR, "^", 1);
        }
      }
      case '+', '-', '*', '/', '!', '%', '_' -> add(Type.OPERATOR, String.valueOf(c), 1);
      case '=' -> add(Type.EQUALS, "=", 1);
      case '<', '>' -> {
        boolean orEqual = at + 1 < text.length() && text.charAt(at + 1) == '=';
        add(Type.RELATION, c + (orEqual ? "=" : ""), orEqual ? 2 : 1);
      }
      case ',' -> add(Type.COMMA, ",", 1);
      case ';' -> add(Type.SEMICOLON, ";", 1);
      case '(', '[' -> add(Type.OPEN, String.valueOf(c), 1);
      case ')', ']' -> add(Type.CLOSE, String.valueOf(c), 1);
      case '{' -> add(Type.OPEN_BRACE, "{", 1);
      case '}' -> add(Type.CLOSE_BRACE, "}", 1);
      case '|' -> add(Type.BAR, "|", 1);
      case '&' -> add(Type.NEXT_CELL, "&", 1);
      case '€', '£', '¥', '₹', '﷼' -> at++;
      default -> add(Type.UNKNOWN, String.valueOf(c), 1);
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLatin(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}
