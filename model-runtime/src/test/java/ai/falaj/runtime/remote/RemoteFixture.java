package ai.falaj.runtime.remote;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.util.List;

/** What tests of remote runtimes have in common. */
final class RemoteFixture {

  static final String MODEL = "k2-think";
  static final String SECRET = "the prompt that nobody may see";

  private RemoteFixture() {}

  /** An endpoint of a scripted server, which is not asked for its models. */
  static RemoteSpec.Builder spec(RemotePreset preset, ScriptedServer server) {
    return RemoteSpec.builder(preset, MODEL)
        .baseUrl(server.address() + "/v1")
        .key(SecretReference.NONE)
        .checkAtOpen(false);
  }

  static GenerationRequest.Builder request(String id) {
    return GenerationRequest.builder(id, new Prompt.Chat(List.of(new ChatMessage("user", SECRET))))
        .sampling(SamplingParameters.builder().seed(7).maxTokens(100).build());
  }

  static RecordingListener submit(RemoteRuntime runtime, GenerationRequest request)
      throws GenerationException {
    RecordingListener listener = new RecordingListener();
    runtime.submit(request, listener);
    return listener;
  }

  /** Answers of one request to a server that answers all with the same script. */
  static GenerationResult resultOf(RemotePreset preset, ScriptedServer.Handler handler)
      throws Exception {
    return endOf(preset, handler).result();
  }

  static GenerationException failureOf(RemotePreset preset, ScriptedServer.Handler handler)
      throws Exception {
    return endOf(preset, handler).failure();
  }

  static RecordingListener endOf(RemotePreset preset, ScriptedServer.Handler handler)
      throws Exception {
    try (ScriptedServer server = ScriptedServer.start(handler);
        RemoteRuntime runtime = spec(preset, server).build().open()) {
      RecordingListener listener = submit(runtime, request("r").build());
      return listener.awaitEnd();
    }
  }

  /** A chunk of a chat completion with a delta. */
  static String chunk(String delta) {
    return "{\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"finish_reason\":null}]}";
  }

  static String text(String text) {
    return chunk("{\"content\":\"" + text + "\"}");
  }

  static String finish(String reason) {
    return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}";
  }

  static String usage(int prompt, int cached, int completion) {
    return """
        {"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,\
        "prompt_tokens_details":{"cached_tokens":%d}}}"""
        .formatted(prompt, completion, cached);
  }

  /** A whole answer, a word per event. */
  static Script answer(String... words) {
    Script.Builder stream = Script.stream();
    for (String word : words) {
      stream.data(text(word));
    }
    return stream.data(finish("stop")).data(usage(5, 2, words.length)).data("[DONE]").end();
  }
}
