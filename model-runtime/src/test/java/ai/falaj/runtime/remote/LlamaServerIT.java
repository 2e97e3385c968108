package ai.falaj.runtime.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.testing.RecordingListener;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real {@code llama-server}, as {@code benchmarks/llama-tools.sh} builds it, with a real small
 * model. Skipped where {@code FALAJ_LLAMA_BIN} (a folder with the program; by default that
 * script's) or {@code FALAJ_LLAMA_MODEL} (a file; by default the model that {@code falaj}
 * downloads) is not there.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class LlamaServerIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** ChatML with thoughts in tags, as thinking models have it: the server then parts the two. */
  private static final String TEMPLATE =
      """
      {%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}\
      {%- if message.role == 'assistant' and message.reasoning_content %}\
      {{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}\
      {{- message.content + '<|im_end|>\\n' }}{%- endfor %}\
      {%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}\
      {%- if enable_thinking is defined and enable_thinking is false %}\
      {{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}""";

  @TempDir private static Path folder;
  private static Process server;
  private static String baseUrl;
  private static RemoteRuntime runtime;

  @BeforeAll
  static void start() throws Exception {
    Path cache =
        Path.of(
            System.getenv()
                .getOrDefault(
                    "FALAJ_CACHE_DIR", System.getProperty("user.home") + "/.cache/falaj"));
    Path program =
        Path.of(
                System.getenv()
                    .getOrDefault(
                        "FALAJ_LLAMA_BIN", cache.resolve("llama-tools/llama/build/bin").toString()))
            .resolve("llama-server");
    Path model =
        Path.of(
            System.getenv()
                .getOrDefault(
                    "FALAJ_LLAMA_MODEL",
                    cache
                        .resolve("models/smollm2-135m-instruct/smollm2-135m-instruct-Q4_1.gguf")
                        .toString()));
    assumeTrue(
        Files.isExecutable(program),
        () -> program + " is not there: build it with benchmarks/llama-tools.sh");
    assumeTrue(Files.isReadable(model), () -> model + " is not there");
    int port = freePort();
    baseUrl = "http://127.0.0.1:" + port + "/v1";
    server =
        new ProcessBuilder(
                program.toString(),
                "-m",
                model.toString(),
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "-np",
                "16",
                "-c",
                "16384",
                "--jinja",
                "--chat-template-file",
                Files.writeString(folder.resolve("template.jinja"), TEMPLATE).toString(),
                "--no-ui")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("llama-server.log").toFile())
            .start();
    awaitHealth(URI.create("http://127.0.0.1:" + port + "/health"));
    runtime = spec().build().open();
  }

  private static RemoteSpec.Builder spec() {
    return RemoteSpec.builder(RemotePreset.LLAMA_SERVER, "smollm2")
        .baseUrl(baseUrl)
        .concurrency(AdaptiveLimit.Bounds.fixed(64));
  }

  @AfterAll
  static void stop() throws Exception {
    if (runtime != null) {
      runtime.close();
    }
    if (server != null) {
      server.destroy();
      server.waitFor();
    }
  }

  @Test
  void streamsAnAnswerWithItsUsage() throws Exception {
    RecordingListener listener = submit(ask("Name a colour.", 12).build());
    GenerationResult result = listener.awaitEnd().result();

    assertThat(listener.violations()).isEmpty();
    assertThat(listener.deltas().size()).as("pieces").isGreaterThan(1);
    assertThat(result.answer()).isNotBlank().isEqualTo(listener.answer());
    assertThat(result.usage().promptTokens()).isBetween(5, 100);
    assertThat(result.usage().completionTokens())
        .isBetween(1, 12)
        .isEqualTo(listener.tokens().size());
  }

  @Test
  void countsWhatTheServerHadInItsCache() throws Exception {
    String longPrompt = "Water runs down the hill. ".repeat(20);
    submit(ask(longPrompt, 4).build()).awaitEnd().result();
    GenerationResult again = submit(ask(longPrompt, 4).build()).awaitEnd().result();

    assertThat(again.usage().cachedTokens()).isPositive();
  }

  @Test
  void givesTheSameGreedyAnswerAgain() throws Exception {
    assertThat(submit(ask("Count to five.", 16).build()).awaitEnd().result().answer())
        .isEqualTo(submit(ask("Count to five.", 16).build()).awaitEnd().result().answer());
  }

  @Test
  void readsItsReasoningField() throws Exception {
    // A small model does not think by itself: a grammar has it do so.
    String grammar =
        """
        root ::= "<think>\\n" [a-z ]{3,20} "\\n</think>\\n\\n" [a-z]{2,10}""";
    RemoteSpec thinking =
        spec().extraBody(JSON.createObjectNode().put("grammar", grammar).toString()).build();
    try (RemoteRuntime thinker = thinking.open()) {
      RecordingListener listener =
          RemoteFixture.submit(thinker, ask("Name a colour.", 40).build()).awaitEnd();

      assertThat(listener.violations()).isEmpty();
      assertThat(listener.result().reasoning().strip()).matches("[a-z ]+");
      assertThat(listener.result().answer()).matches("[a-z]+");
      assertThat(listener.result().usage().reasoningTokens()).isPositive();
    }
  }

  @Test
  void goesOnWithAThought() throws Exception {
    String begun = "The user wants a colour. I";
    Resumption thought =
        resumption(new Resumption.Told(1, List.of(new TextSegment(Channel.REASONING, begun))));
    GenerationResult result =
        submit(ask("Name a colour.", 24).resumption(thought).build()).awaitEnd().result();

    assertThat(result.reasoning()).startsWith(begun).hasSizeGreaterThan(begun.length());
    assertThat(result.reasoning().lastIndexOf(begun)).as("told once").isZero();
  }

  @Test
  void goesOnWithAnAnswer() throws Exception {
    GenerationResult whole = submit(ask("Count to ten.", 24).build()).awaitEnd().result();
    RecordingListener first = new RecordingListener();
    GenerationHandle handle = runtime.submit(ask("Count to ten.", 24).build(), first);
    first.awaitFirstTokens();
    handle.cancel();
    first.awaitEnd();
    List<Resumption.Told> told = new ArrayList<>();
    for (TokenDelta delta : first.deltas()) {
      told.add(new Resumption.Told(delta.tokens().size(), delta.text()));
    }
    GenerationRequest rest =
        ask("Count to ten.", 24)
            .resumption(resumption(told.toArray(Resumption.Told[]::new)))
            .build();
    RecordingListener second = submit(rest).awaitEnd();

    assertThat(second.result().answer()).startsWith(first.answer());
    assertThat(second.answer()).isEqualTo(second.result().answer());
    assertThat(second.result().answer().substring(0, first.answer().length() + 1))
        .isEqualTo(whole.answer().substring(0, first.answer().length() + 1));
  }

  @Test
  void cancelEndsItInTheServerToo() throws Exception {
    RecordingListener listener = new RecordingListener();
    GenerationHandle handle =
        runtime.submit(ask("Tell a long story.", 900).ignoreEndOfSequence().build(), listener);
    listener.awaitFirstTokens();
    handle.cancel();

    assertThat(listener.awaitEnd().result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    awaitIdleSlots();
  }

  @Test
  void holdsAnAnswerToASchema() throws Exception {
    String schema =
        """
        {"type":"object","properties":{"colour":{"enum":["red","blue"]},"count":{"type":"integer"}},\
        "required":["colour","count"],"additionalProperties":false}""";
    GenerationRequest request =
        ask("Pick a colour and a count.", 60).output(new OutputFormat.JsonSchema(schema)).build();
    JsonNode answer = JSON.readTree(submit(request).awaitEnd().result().answer());

    assertThat(answer.path("colour").asText()).isIn("red", "blue");
    assertThat(answer.path("count").isIntegralNumber()).isTrue();
  }

  @Test
  void givesSeveralSamplesOfOnePrompt() throws Exception {
    GenerationRequest request =
        GenerationRequest.builder("samples", prompt("Name a colour."))
            .sampling(SamplingParameters.builder().seed(3).maxTokens(8).build())
            .samples(3)
            .build();

    assertThat(submit(request).awaitEnd().result().samples())
        .hasSize(3)
        .allSatisfy(sample -> assertThat(sample.answer()).isNotEmpty());
  }

  @Test
  void saysThatAPromptIsTooLong() throws Exception {
    assertThat(submit(ask("word ".repeat(20_000), 4).build()).awaitEnd().failure().code())
        .isEqualTo(RuntimeErrorCode.PROMPT_TOO_LONG);
  }

  @Test
  void servesSixtyFourStreamsAtOnce() throws Exception {
    List<RecordingListener> listeners = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      listeners.add(submit(ask("Say the number " + i + ".", 16).build()));
    }
    for (RecordingListener listener : listeners) {
      GenerationResult result = listener.awaitEnd().result();
      assertThat(listener.violations()).isEmpty();
      assertThat(result.answer()).isNotBlank().isEqualTo(listener.answer());
      assertThat(result.usage().completionTokens()).isBetween(1, 16);
    }
    assertThat(
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("falaj-")))
        .hasSizeLessThan(8);
  }

  private static GenerationRequest.Builder ask(String text, int maxTokens) {
    return GenerationRequest.builder("r", prompt(text))
        .sampling(SamplingParameters.builder().temperature(0).seed(1).maxTokens(maxTokens).build());
  }

  private static Prompt prompt(String text) {
    return new Prompt.Chat(List.of(new ChatMessage("user", text)));
  }

  private static RecordingListener submit(GenerationRequest request) throws Exception {
    return RemoteFixture.submit(runtime, request);
  }

  private static Resumption resumption(Resumption.Told... told) {
    int[] tokens = new int[Arrays.stream(told).mapToInt(Resumption.Told::tokens).sum()];
    Arrays.fill(tokens, TokenIds.UNKNOWN);
    return new Resumption(
        Optional.empty(),
        List.of(new Resumption.Sample(TokenIds.of(tokens), List.of(), List.of(told))));
  }

  private static void awaitIdleSlots() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest slots =
        HttpRequest.newBuilder(URI.create(baseUrl.replace("/v1", "/slots"))).build();
    boolean busy = true;
    while (busy) {
      JsonNode all = JSON.readTree(client.send(slots, BodyHandlers.ofString()).body());
      assertThat(all.isArray()).as("slots: %s", all).isTrue();
      busy = false;
      for (JsonNode slot : all) {
        busy |= slot.path("is_processing").asBoolean();
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static void awaitHealth(URI health) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    while (true) {
      assertThat(server.isAlive())
          .as("llama-server: %s", folder.resolve("llama-server.log"))
          .isTrue();
      try {
        HttpRequest request = HttpRequest.newBuilder(health).build();
        if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // It does not listen yet.
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
