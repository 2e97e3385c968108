package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.PromptRequest;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatRequestParserTest {

  private static final String HELLO =
      "\"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]";

  private final ChatRequestParser parser =
      new ChatRequestParser(() -> Instant.parse("2026-11-24T08:00:00Z"), Duration.ofMinutes(10));

  private ChatRequest parse(String json) throws IOException {
    return parser.parse(new ObjectMapper().readTree(json), "id-1", Optional.of("acme"));
  }

  @Test
  void makesARecordOfAPlainRequest() throws IOException {
    ChatRequest request = parse("{\"model\": \"falaj\", " + HELLO + "}");

    PromptRequest prompt = request.prompt();
    assertThat(prompt.getRequestId()).isEqualTo("id-1");
    assertThat(prompt.getTenant()).isEqualTo("acme");
    assertThat(prompt.getModel()).as("the job's own").isNull();
    assertThat(prompt.getMessages())
        .singleElement()
        .satisfies(
            message -> {
              assertThat(message.getRole()).isEqualTo("user");
              assertThat(message.getContent()).isEqualTo("hello");
            });
    assertThat(prompt.getStream()).isFalse();
    assertThat(prompt.getDeadline()).isEqualTo(Instant.parse("2026-11-24T08:10:00Z"));
    assertThat(request.stream()).isFalse();
  }

  @Test
  void passesParametersOn() throws IOException {
    ChatRequest request =
        parse(
            """
            {"model": "k2-think", "stream": true, "stream_options": {"include_usage": true},
             "messages": [{"role": "developer", "content": "be brief"},
                          {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
             "temperature": 0.25, "top_p": 0.5, "max_completion_tokens": 7, "seed": 9, "stop": ["x"],
             "reasoning_effort": "none", "response_format": {"type": "json_object"}, "metadata": {"case": "7"}}
            """);

    PromptRequest prompt = request.prompt();
    assertThat(prompt.getModel()).isEqualTo("k2-think");
    assertThat(prompt.getMessages().get(0).getRole()).isEqualTo("system");
    assertThat(prompt.getMessages().get(1).getContent()).isEqualTo("ab");
    assertThat(prompt.getSampling().getMaxTokens()).isEqualTo(7);
    assertThat(prompt.getSampling().getSeed()).isEqualTo(9);
    assertThat(prompt.getSampling().getStop()).containsExactly("x");
    assertThat(prompt.getSampling().getReasoningBudget()).isZero();
    assertThat(prompt.getMetadata()).containsEntry("case", "7");
    assertThat(request.stream()).isTrue();
    assertThat(request.includeUsage()).isTrue();
  }

  @Test
  void passesOverWhatChangesNoAnswer() throws IOException {
    ChatRequest request =
        parse(
            "{"
                + HELLO
                + ", \"user\": \"u\", \"store\": true, \"service_tier\": \"auto\", \"n\": 1, \"logprobs\": false,"
                + " \"tools\": [], \"tool_choice\": \"none\", \"parallel_tool_calls\": true,"
                + " \"response_format\": {\"type\": \"text\"}, \"request_id\": \"someone's\", \"tenant\": \"other\"}");

    assertThat(request.prompt().getRequestId()).isEqualTo("id-1");
    assertThat(request.prompt().getTenant()).isEqualTo("acme");
    assertThat(request.prompt().getTools()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                                     | messages",
        "{'messages': []}                                       | messages",
        "{'messages': [{'role': 'user'}]}                       | messages[0].content",
        "{'messages': [{'role': 'user', 'content': [{'type': 'image_url'}]}]} | messages[0].content",
        "{HELLO, 'n': 2}                                        | n",
        "{HELLO, 'tools': [{'type': 'function'}]}               | tools",
        "{HELLO, 'logprobs': true}                              | logprobs",
        "{HELLO, 'model': 5}                                    | model",
        "{HELLO, 'stream': 'yes'}                               | stream"
      })
  void refusesByName(String json, String parameter) {
    WebException refusal = refusal(json);

    assertThat(refusal.status()).isEqualTo(400);
    assertThat(refusal.type()).isEqualTo("invalid_request_error");
    assertThat(refusal.parameter()).hasValue(parameter);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{HELLO, 'temperature': 'hot'}                          | temperature",
        "{HELLO, 'temperature': 9}                              | temperature",
        "{HELLO, 'top_p': 2}                                    | top_p",
        "{HELLO, 'seed': -1}                                    | seed",
        "{HELLO, 'max_tokens': 0}                               | max_tokens",
        "{HELLO, 'max_completion_tokens': 0}                    | max_completion_tokens",
        "{HELLO, 'stop': [1]}                                   | stop[0]",
        "{HELLO, 'metadata': 'x'}                               | metadata",
        "{HELLO, 'response_format': {'type': 'json_schema'}}    | response_format.json_schema",
        "{'messages': [{'role': 'king', 'content': 'x'}]}       | messages[0].role"
      })
  void saysWhatIsWrongWithAValue(String json, String parameter) {
    WebException refusal = refusal(json);

    assertThat(refusal.status()).isEqualTo(400);
    assertThat(refusal.parameter()).hasValue(parameter);
  }

  private WebException refusal(String json) {
    String real = json.replace("HELLO", HELLO).replace('\'', '"');
    return catchThrowableOfType(WebException.class, () -> parse(real));
  }
}
