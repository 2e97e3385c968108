package ai.falaj.jobs.sql;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * Takes a script apart at the semicolons that end statements. Those in quotes and comments are
 * none; those in a statement set are told by Flink's parser, which knows where a statement is
 * complete. Confined to one thread.
 */
final class SqlScript {

  private final String script;
  private int position;

  SqlScript(String script) {
    this.script = script;
  }

  /**
   * The next statement that is more than white space and comments.
   *
   * @param isComplete whether a text that ends in a semicolon is a statement, right or wrong,
   *     rather than the beginning of one
   */
  Optional<SqlStatement> next(Predicate<SqlStatement> isComplete) {
    position = skipBlank(position);
    if (position == script.length()) {
      return Optional.empty();
    }
    int start = position;
    int at = start;
    while (at < script.length()) {
      if (script.charAt(at) == ';') {
        SqlStatement candidate = statement(start, at + 1);
        if (isComplete.test(candidate)) {
          position = at + 1;
          return Optional.of(candidate);
        }
        at++;
      } else {
        at = afterToken(at);
      }
    }
    position = script.length();
    return Optional.of(statement(start, position));
  }

  private SqlStatement statement(int start, int end) {
    int lineStart = script.lastIndexOf('\n', start - 1) + 1;
    int line = 1 + (int) script.substring(0, start).chars().filter(c -> c == '\n').count();
    return new SqlStatement(line, start - lineStart + 1, script.substring(start, end).strip());
  }

  /** The end of the white space, comments and lone semicolons that begin here. */
  private int skipBlank(int from) {
    int at = from;
    while (at < script.length()) {
      char c = script.charAt(at);
      if (Character.isWhitespace(c) || c == ';') {
        at++;
      } else if (isCommentAt(at)) {
        at = afterToken(at);
      } else {
        return at;
      }
    }
    return at;
  }

  private boolean isCommentAt(int at) {
    boolean hint = script.startsWith("/*+", at);
    return script.startsWith("--", at) || (script.startsWith("/*", at) && !hint);
  }

  /** The end of the quoted text, the comment or the one character that begins here. */
  private int afterToken(int at) {
    char c = script.charAt(at);
    if (c == '\'' || c == '"' || c == '`') {
      return after(String.valueOf(c), at + 1);
    }
    if (script.startsWith("--", at)) {
      return after("\n", at + 2);
    }
    return script.startsWith("/*", at) ? after("*/", at + 2) : at + 1;
  }

  private int after(String end, int from) {
    int found = script.indexOf(end, from);
    return found < 0 ? script.length() : found + end.length();
  }
}
