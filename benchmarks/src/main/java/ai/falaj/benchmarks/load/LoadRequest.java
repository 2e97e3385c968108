package ai.falaj.benchmarks.load;

import java.util.List;
import java.util.Objects;

/**
 * One generation of a load: the same token ids and the same length on every engine, greedy,
 * whatever the model would rather say.
 *
 * @param prompt token ids of the model's vocabulary
 * @param newTokens that the generation has, the end of the turn ignored
 */
public record LoadRequest(String id, List<Integer> prompt, int newTokens) {

  public LoadRequest {
    Objects.requireNonNull(id, "id");
    prompt = List.copyOf(prompt);
    if (prompt.isEmpty() || newTokens < 1) {
      throw new IllegalArgumentException(
          "request %s has %d prompt tokens and %d new ones; both must be 1 or more"
              .formatted(id, prompt.size(), newTokens));
    }
  }
}
