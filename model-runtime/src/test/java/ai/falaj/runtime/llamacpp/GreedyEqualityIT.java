package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.RecordingListener;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * The engine writes what llama.cpp's own server wrote for the same prompts, alone and all at once.
 *
 * <p>The fixture holds the server's tokens and, per token, by how much the best log-probability led
 * the second. Kernels of different processors and batch shapes round differently, so a text may
 * part from the server's where that lead is below {@link #NEAR_TIE}; anywhere else it may not.
 */
class GreedyEqualityIT {

  private static final double NEAR_TIE = 0.15;
  private static final String MODEL = "smollm2-135m-instruct";

  @Test
  void greedyTextEqualsLlamaCppsOwn() throws Exception {
    ModelStore store = ModelStore.fromEnvironment();
    store.pull(MODEL, ProgressListener.NONE);
    JsonNode fixture = fixture();
    assertThat(store.sha256(store.resolve(MODEL))).isEqualTo(fixture.get("model_sha256").asText());

    LlamaCppSpec spec =
        LlamaCppSpec.builder(MODEL).maxSequences(8).contextTokensPerSequence(2048).build();
    try (ModelRuntime runtime = spec.open()) {
      int together = 0;
      List<RecordingListener> batch = new ArrayList<>();
      for (JsonNode expected : fixture.get("cases")) {
        batch.add(submit(runtime, expected));
      }
      for (int index = 0; index < batch.size(); index++) {
        together += equalTokens(fixture.get("cases").get(index), batch.get(index));
      }
      int alone = 0;
      int all = 0;
      for (JsonNode expected : fixture.get("cases")) {
        alone += equalTokens(expected, submit(runtime, expected));
        all += expected.get("tokens").size();
      }
      // Near ties may cost some texts their end, but never most of them.
      assertThat(alone)
          .as("equal tokens of %d, one request at a time", all)
          .isGreaterThan(all * 3 / 4);
      assertThat(together)
          .as("equal tokens of %d, all requests at once", all)
          .isGreaterThan(all / 2);
    }
  }

  private static RecordingListener submit(ModelRuntime runtime, JsonNode expected)
      throws Exception {
    RecordingListener listener = new RecordingListener();
    runtime.submit(
        GenerationRequest.of(
            expected.get("name").asText(),
            new Prompt.Raw(expected.get("prompt").asText()),
            SamplingParameters.greedy(48)),
        listener);
    return listener;
  }

  /** How many tokens are the server's; fails if the first difference is not at a near tie. */
  private static int equalTokens(JsonNode expected, RecordingListener listener) throws Exception {
    String name = expected.get("name").asText();
    int promptTokens = listener.awaitEnd().result().usage().promptTokens();
    assertThat(promptTokens)
        .as("prompt tokens of %s", name)
        .isEqualTo(expected.get("prompt_tokens").size());
    List<Integer> tokens = listener.tokens();
    List<Integer> servers =
        StreamSupport.stream(expected.get("tokens").spliterator(), false)
            .map(JsonNode::asInt)
            .toList();
    int equal = 0;
    while (equal < Math.min(tokens.size(), servers.size())
        && tokens.get(equal).equals(servers.get(equal))) {
      equal++;
    }
    if (equal == servers.size() && equal == tokens.size()) {
      assertThat(listener.answer()).as("text of %s", name).isEqualTo(expected.get("text").asText());
    } else {
      // The server merges the margins of tokens that share a code point; such a text has no ties to
      // part at.
      boolean marginPerToken = expected.get("margins").size() == servers.size();
      assertThat(marginPerToken).as("%s parts at token %d, without margins", name, equal).isTrue();
      assertThat(expected.get("margins").get(equal).asDouble())
          .as("lead of the server's token where %s parts from it, at token %d", name, equal)
          .isLessThan(NEAR_TIE);
    }
    return equal;
  }

  private static JsonNode fixture() throws Exception {
    try (InputStream in = GreedyEqualityIT.class.getResourceAsStream("smollm2-greedy.json")) {
      return new ObjectMapper().readTree(in);
    }
  }
}
