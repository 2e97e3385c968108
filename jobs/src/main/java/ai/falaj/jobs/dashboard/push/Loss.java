package ai.falaj.jobs.dashboard.push;

/** What a slow page may miss and is told that it did. */
enum Loss {
  CHUNKS("chunks"),
  COMPLETIONS("completions"),
  DEAD_LETTERS("deadLetters"),
  OVERVIEWS("overviews"),
  ROWS("rows");

  private final String label;

  Loss(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
