package ai.falaj.jobs.eval.grading;

/**
 * Ways to read what can be read in more than one way. An answer is right where any of them makes it
 * so.
 *
 * @see Grader
 */
enum Reading {
  /** {@code 1,234} is one number; {@code 5m} is five times m. */
  PLAIN,
  /** {@code (1,234)} is a pair. */
  COMMAS_SEPARATE,
  /** {@code 5m} in an answer is five metres. */
  LETTERS_ARE_UNITS;

  /** How the expected answer is read meanwhile: a letter in it means itself. */
  Reading ofExpected() {
    return this == LETTERS_ARE_UNITS ? PLAIN : this;
  }

  boolean commasSeparate() {
    return this == COMMAS_SEPARATE;
  }

  boolean lettersAreUnits() {
    return this == LETTERS_ARE_UNITS;
  }
}
