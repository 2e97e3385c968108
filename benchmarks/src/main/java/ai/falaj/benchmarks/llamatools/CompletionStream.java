package ai.falaj.benchmarks.llamatools;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.load.LoadRequest;
import ai.falaj.benchmarks.load.RequestTimeline;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;

/**
 * The streaming {@code /completion} of {@code llama-server}: what it is asked and how its answer is
 * read.
 */
final class CompletionStream {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DATA = "data: ";

  private CompletionStream() {}

  /**
   * The request's body. Greedy by the cheapest of the server's samplers: one that keeps the most
   * likely token.
   */
  static String body(LoadRequest request, boolean cachePrompt) {
    ObjectNode body = JSON.createObjectNode();
    request.prompt().forEach(body.putArray("prompt")::add);
    body.put("n_predict", request.newTokens());
    body.put("temperature", 0);
    body.put("top_k", 1);
    body.putArray("samplers").add("top_k");
    body.put("ignore_eos", true);
    body.put("stream", true);
    body.put("cache_prompt", cachePrompt);
    return body.toString();
  }

  /**
   * Reads server-sent events to the end.
   *
   * @throws BenchmarkException if the server reports an error, or generated another number of
   *     tokens
   * @throws IOException if the connection breaks
   */
  static RequestTimeline read(LoadRequest request, long submittedNanos, BufferedReader events)
      throws IOException, BenchmarkException {
    long[] tokenNanos = new long[request.newTokens()];
    int told = 0;
    for (String line = events.readLine(); line != null; line = events.readLine()) {
      if (!line.startsWith(DATA)) {
        refuseError(request, line);
        continue;
      }
      long now = System.nanoTime();
      JsonNode event = JSON.readTree(line.substring(DATA.length()));
      for (int token = 0;
          token < event.path("tokens").size() && told < tokenNanos.length;
          token++) {
        tokenNanos[told++] = now;
      }
      if (event.path("stop").asBoolean()) {
        int tokens = event.path("tokens_predicted").asInt();
        if (tokens != request.newTokens() || told == 0) {
          throw new BenchmarkException(
              "llama-server generated %d tokens of request %s and told %d; it was to be %d"
                  .formatted(tokens, request.id(), told, request.newTokens()));
        }
        return new RequestTimeline(submittedNanos, Arrays.copyOf(tokenNanos, told), now, tokens);
      }
    }
    throw new BenchmarkException(
        "llama-server broke off after %d tokens of request %s".formatted(told, request.id()));
  }

  private static void refuseError(LoadRequest request, String line) throws BenchmarkException {
    if (line.startsWith("error: ")) {
      throw new BenchmarkException("llama-server refused request " + request.id() + ": " + line);
    }
  }
}
