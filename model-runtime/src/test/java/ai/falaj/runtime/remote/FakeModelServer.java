package ai.falaj.runtime.remote;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A {@link FakeRuntime} behind vLLM's protocol: what a remote model says is known beforehand. */
final class FakeModelServer implements ScriptedServer.Handler {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PER_TOKEN = Duration.ofNanos(200_000);

  private final int contextTokens;

  FakeModelServer(int contextTokens) {
    this.contextTokens = contextTokens;
  }

  @Override
  public Script answer(ReceivedRequest received) {
    JsonNode body;
    try {
      body = JSON.readTree(received.body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    if (!body.path("model").asText().equals(RemoteFixture.MODEL)) {
      return Script.response(404, "{\"error\":{\"message\":\"The model does not exist.\"}}");
    }
    RecordingListener listener = new RecordingListener();
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("fake")
            .contextTokens(contextTokens)
            .maxSequences(64)
            .drivenByTest()
            .build();
    try (FakeRuntime model = new FakeRuntime(spec)) {
      model.submit(request(body), listener);
      model.runUntilIdle();
    } catch (GenerationException e) {
      throw new IllegalStateException(e);
    }
    return listener.hasResult() ? stream(listener) : refusal(listener.failure());
  }

  private static GenerationRequest request(JsonNode body) {
    List<ChatMessage> messages = new ArrayList<>();
    body.path("messages")
        .forEach(
            message ->
                messages.add(
                    new ChatMessage(
                        message.path("role").asText(), message.path("content").asText())));
    SamplingParameters.Builder sampling =
        SamplingParameters.builder()
            .temperature(body.path("temperature").asDouble(1))
            .seed(body.path("seed").asLong());
    if (body.has("max_tokens")) {
      sampling.maxTokens(body.path("max_tokens").asInt());
    }
    if (body.path("logprobs").asBoolean()) {
      sampling.topLogprobs(body.path("top_logprobs").asInt());
    }
    GenerationRequest.Builder request =
        GenerationRequest.builder("served", new Prompt.Chat(messages))
            .sampling(sampling.build())
            .samples(body.path("n").asInt(1));
    if (body.path("ignore_eos").asBoolean()) {
      request.ignoreEndOfSequence();
    }
    List<String> choices = new ArrayList<>();
    body.path("structured_outputs").path("choice").forEach(one -> choices.add(one.asText()));
    if (!choices.isEmpty()) {
      request.output(new OutputFormat.Choice(choices));
    }
    return request.build();
  }

  private static Script refusal(GenerationException failure) {
    String code =
        failure.code() == RuntimeErrorCode.PROMPT_TOO_LONG ? "context_length_exceeded" : "bad";
    return Script.response(400, "{\"error\":{\"code\":\"" + code + "\"}}");
  }

  private static Script stream(RecordingListener listener) {
    Script.Builder stream = Script.stream();
    for (TokenDelta delta : listener.deltas()) {
      stream.data(chunk(delta)).pause(PER_TOKEN);
    }
    GenerationResult result = listener.result();
    for (int index = 0; index < result.samples().size(); index++) {
      String reason = result.samples().get(index).finishReason().name().toLowerCase();
      stream.data(
          "{\"choices\":[{\"index\":%d,\"delta\":{},\"finish_reason\":\"%s\"}]}"
              .formatted(index, reason));
    }
    GenerationResult.Usage usage = result.usage();
    return stream
        .data(RemoteFixture.usage(usage.promptTokens(), 0, usage.completionTokens()))
        .data("[DONE]")
        .end();
  }

  private static String chunk(TokenDelta delta) {
    ObjectNode chunk = JSON.createObjectNode();
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", delta.sample());
    ObjectNode content = choice.putObject("delta");
    for (TextSegment segment : delta.text()) {
      content.put(segment.channel() == Channel.REASONING ? "reasoning" : "content", segment.text());
    }
    if (!delta.logprobs().isEmpty()) {
      ArrayNode tokens = choice.putObject("logprobs").putArray("content");
      delta.logprobs().forEach(logprob -> write(logprob, tokens.addObject()));
    }
    return chunk.toString();
  }

  private static void write(TokenLogprob logprob, ObjectNode node) {
    node.put("token", logprob.text()).put("logprob", logprob.logprob());
    ArrayNode top = node.putArray("top_logprobs");
    logprob
        .top()
        .forEach(one -> top.addObject().put("token", one.text()).put("logprob", one.logprob()));
  }
}
