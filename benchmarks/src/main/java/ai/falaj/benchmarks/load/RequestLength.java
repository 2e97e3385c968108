package ai.falaj.benchmarks.load;

/** How long a request's prompt and its completion are, in tokens; both 1 or more. */
public record RequestLength(int promptTokens, int newTokens) {

  public RequestLength {
    if (promptTokens < 1 || newTokens < 1) {
      throw new IllegalArgumentException(
          "a request has %d prompt tokens and %d new ones; both must be 1 or more"
              .formatted(promptTokens, newTokens));
    }
  }

  int total() {
    return promptTokens + newTokens;
  }
}
