package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.MODEL;
import static ai.falaj.runtime.remote.RemoteFixture.failureOf;
import static ai.falaj.runtime.remote.RemoteFixture.finish;
import static ai.falaj.runtime.remote.RemoteFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Why the wire is read by our own decoders: what LangChain4j's client makes of streams that {@link
 * RemoteRuntime} tells apart. Where one of these fails after an update, the decision in {@code
 * docs/ARCHITECTURE.md} may be taken again.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ClientLibraryTest {

  @Test
  void itTakesHalfAnAnswerForAWhole() throws Exception {
    ScriptedServer.Handler half = request -> Script.stream().data(text("one")).end();

    ChatResponse response = responseOf(half);
    assertThat(response.aiMessage().text()).isEqualTo("one");
    assertThat(response.metadata().finishReason()).isNull();

    assertThat(failureOf(RemotePreset.VLLM, half).code())
        .isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
  }

  @Test
  void itPassesOverAnErrorInTheStream() throws Exception {
    ScriptedServer.Handler broken =
        request ->
            Script.stream()
                .data(text("one"))
                .data("{\"error\":{\"message\":\"out of memory\",\"code\":500}}")
                .end();

    assertThat(responseOf(broken).aiMessage().text()).isEqualTo("one");

    assertThat(failureOf(RemotePreset.VLLM, broken).code())
        .isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
  }

  @Test
  void itLosesAllAnswersButTheFirst() throws Exception {
    ScriptedServer.Handler two =
        request ->
            Script.stream()
                .data(
                    """
                    {"choices":[{"index":0,"delta":{"content":"one"}},\
                    {"index":1,"delta":{"content":"two"}}]}""")
                .data(finish("stop"))
                .data("[DONE]")
                .end();

    assertThat(responseOf(two).aiMessage().text()).isEqualTo("one");
  }

  @Test
  void itHoldsAThreadPerStream() throws Exception {
    int streams = 30;
    try (ScriptedServer server =
        ScriptedServer.start(request -> Script.stream().data(text("one")).hang())) {
      OpenAiStreamingChatModel model = model(server);
      List<CompletableFuture<Void>> begun = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        Recorder recorder = new Recorder();
        begun.add(recorder.begun);
        // Not here: where the response's head is there at once, it reads the stream in the caller.
        Thread caller = new Thread(() -> model.chat("hello", recorder), "client-library-" + i);
        caller.setDaemon(true);
        caller.start();
      }
      begun.forEach(CompletableFuture::join);

      assertThat(
              Thread.getAllStackTraces().values().stream().filter(ClientLibraryTest::readsAStream))
          .hasSizeGreaterThanOrEqualTo(streams);
    }
  }

  private static boolean readsAStream(StackTraceElement[] stack) {
    return List.of(stack).stream()
        .anyMatch(frame -> frame.getClassName().endsWith("DefaultServerSentEventParser"));
  }

  private static ChatResponse responseOf(ScriptedServer.Handler handler) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(handler)) {
      Recorder recorder = new Recorder();
      model(server).chat("hello", recorder);
      return recorder.end.get();
    }
  }

  private static OpenAiStreamingChatModel model(ScriptedServer server) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(server.address() + "/v1")
        .apiKey("none")
        .modelName(MODEL)
        .build();
  }

  /** Keeps the beginning and the end. */
  private static final class Recorder implements StreamingChatResponseHandler {
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String partialResponse) {
      begun.complete(null);
    }

    @Override
    public void onCompleteResponse(ChatResponse completeResponse) {
      end.complete(completeResponse);
    }

    @Override
    public void onError(Throwable error) {
      end.completeExceptionally(error);
    }
  }
}
