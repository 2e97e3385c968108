package ai.falaj.jobs.sql;

import java.util.Objects;

/**
 * One statement of a script.
 *
 * @param line on which it begins, from 1
 * @param column of that line, from 1
 * @param text without comments before it
 */
record SqlStatement(int line, int column, String text) {

  SqlStatement {
    Objects.requireNonNull(text, "text");
  }

  /** The text where it stands in the script, so that a parser's positions are the script's. */
  String inPlace() {
    return "\n".repeat(line - 1) + " ".repeat(column - 1) + text;
  }
}
