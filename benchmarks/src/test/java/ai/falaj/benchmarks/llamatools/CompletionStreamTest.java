package ai.falaj.benchmarks.llamatools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.load.LoadRequest;
import ai.falaj.benchmarks.load.RequestTimeline;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletionStreamTest {

  private static final LoadRequest REQUEST = new LoadRequest("load-0", List.of(1, 22, 333), 2);

  /** As the server sends them, shortened. */
  private static final String TOKEN =
      "data: {\"index\":0,\"content\":\"_\",\"tokens\":[79],\"stop\":false,\"tokens_predicted\":1}\n\n";

  private static final String END =
      "data: {\"index\":0,\"content\":\"\",\"tokens\":[],\"stop\":true,\"tokens_predicted\":2}\n\n";

  @Test
  void asksForTheSameTokensGreedilyAndToTheEnd() throws Exception {
    JsonNode body = new ObjectMapper().readTree(CompletionStream.body(REQUEST, true));
    assertThat(body.get("prompt").toString()).isEqualTo("[1,22,333]");
    assertThat(body.get("n_predict").asInt()).isEqualTo(2);
    assertThat(body.get("temperature").asDouble()).isZero();
    assertThat(body.get("ignore_eos").asBoolean()).isTrue();
    assertThat(body.get("stream").asBoolean()).isTrue();
    assertThat(body.get("cache_prompt").asBoolean()).isTrue();
  }

  @Test
  void countsTheTokensOfAllEvents() throws Exception {
    RequestTimeline timeline = read(TOKEN + TOKEN + END);
    assertThat(timeline.tokens()).isEqualTo(2);
    assertThat(timeline.tokensBetween(Long.MIN_VALUE / 2, System.nanoTime())).isEqualTo(2);
    assertThat(timeline.timeToFirstTokenMs()).isNotNegative();
  }

  /** The server holds a token back while its text ends inside a code point. */
  @Test
  void believesTheServersCountWhereATokenWasNotTold() throws Exception {
    assertThat(read(TOKEN + END).tokens()).isEqualTo(2);
  }

  @Test
  void refusesAnotherNumberOfTokens() {
    assertThatThrownBy(
            () -> read(TOKEN + END.replace("\"tokens_predicted\":2", "\"tokens_predicted\":1")))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("load-0");
  }

  @Test
  void refusesAStreamThatBreaksOff() {
    assertThatThrownBy(() -> read(TOKEN))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("broke off");
  }

  @Test
  void refusesAnError() {
    assertThatThrownBy(() -> read("error: {\"code\":400}\n"))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("400");
  }

  private static RequestTimeline read(String events) throws Exception {
    return CompletionStream.read(
        REQUEST, System.nanoTime(), new BufferedReader(new StringReader(events)));
  }
}
