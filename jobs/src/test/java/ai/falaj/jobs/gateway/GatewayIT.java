package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.jobs.web.ListenSettings;
import ai.falaj.jobs.web.NodeScripts;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.ReasoningEffort;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.StructuredChatCompletionCreateParams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own clients, through the gateway, to a real model behind a real pipeline. */
@Timeout(300)
class GatewayIT {

  private static final String KEY = "sk-of-acme-0123456789";
  private static final String OTHER_KEY = "sk-of-beta-0123456789";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir static Path directory;

  private static LocalPipeline pipeline;
  private static Connection connection;
  private static Gateway gateway;
  private static OpenAIClient client;

  /** As the client makes a schema of it. */
  static final class Harvest {
    public boolean ripe;
    public Month month;

    enum Month {
      JULY,
      AUGUST
    }
  }

  @BeforeAll
  static void start() throws Exception {
    Path home = Path.of(System.getProperty("falaj.home"));
    Configuration job = new Configuration();
    job.set(
        CompletionOptions.MODEL,
        TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 11).toString());
    job.set(CompletionOptions.CONTEXT_TOKENS, 4_096);
    job.set(CompletionOptions.MAX_SEQUENCES, 4);
    job.set(CompletionOptions.THREADS, 1);
    job.set(CompletionOptions.CHECKPOINT_INTERVAL, Duration.ofMillis(500));
    pipeline =
        LocalPipeline.start(
            LocalStackOptions.in(home, directory.resolve("state"), directory.resolve("logs"))
                .withPorts(StackPorts.EPHEMERAL)
                .withTopics(Connection.defaultTopics(), 2),
            job,
            1,
            ProgressListener.NONE);
    connection =
        Connection.of(
            pipeline.stack().kafka().bootstrapServers(), pipeline.stack().registry().url());
    Path keys =
        Files.writeString(directory.resolve("keys"), "acme " + KEY + "\nbeta " + OTHER_KEY + "\n");
    gateway =
        Gateway.start(
            new GatewaySettings(
                connection,
                ListenSettings.loopback(0),
                Optional.of(KeyFile.read(keys)),
                List.of("falaj"),
                8,
                2,
                LIMIT));
    client = client(KEY);
  }

  @AfterAll
  static void stop() {
    if (client != null) {
      client.close();
    }
    if (gateway != null) {
      gateway.close();
    }
    if (pipeline != null) {
      pipeline.close();
    }
  }

  private static OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(gateway.url().resolve("v1").toString())
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  private static ChatCompletionCreateParams.Builder ask(String text) {
    return ChatCompletionCreateParams.builder().model("falaj").addUserMessage(text);
  }

  /** The completion of a request with that metadata, as the topic has it. */
  private static Completion awaitCompletion(String name) {
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        ResultReader reader =
            ResultReader.open(
                connection,
                registry,
                EnumSet.of(RecordKind.COMPLETIONS),
                new StartPoint.Beginning())) {
      Instant deadline = Instant.now().plus(LIMIT);
      while (Instant.now().isBefore(deadline)) {
        Optional<Completion> found =
            reader.poll(Duration.ofMillis(200)).stream()
                .flatMap(message -> message.value(Completion.class).stream())
                .filter(completion -> name.equals(completion.getMetadata().get("case")))
                .findFirst();
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    throw new AssertionError("no completion of " + name + " within " + LIMIT);
  }

  private static ChatCompletionCreateParams.Metadata named(String name) {
    return ChatCompletionCreateParams.Metadata.builder()
        .putAdditionalProperty("case", JsonValue.from(name))
        .build();
  }

  @Test
  void chats() {
    ChatCompletion completion =
        client
            .chat()
            .completions()
            .create(
                ask("hello")
                    .maxCompletionTokens(9)
                    .metadata(named("chat"))
                    .putAdditionalBodyProperty("of_another_server", JsonValue.from(true))
                    .build());

    assertThat(completion.choices()).hasSize(1);
    assertThat(completion.choices().get(0).message().content()).isPresent();
    assertThat(completion.choices().get(0).finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
    assertThat(completion.usage().orElseThrow().completionTokens()).isEqualTo(9);
    assertThat(awaitCompletion("chat").getTenant()).isEqualTo("acme");
    assertThat(awaitCompletion("chat").getRequestId()).isEqualTo(completion.id());
  }

  @Test
  void streamsWhatItSaysWhole() {
    ChatCompletionCreateParams request =
        ask("hello").maxCompletionTokens(30).temperature(0.0).build();
    String whole =
        client.chat().completions().create(request).choices().get(0).message().content().get();

    String streamed;
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(request)) {
      streamed =
          chunks.stream()
              .flatMap(chunk -> chunk.choices().stream())
              .flatMap(choice -> choice.delta().content().stream())
              .collect(Collectors.joining());
    }

    assertThat(streamed).isEqualTo(whole).isNotEmpty();
  }

  @Test
  void answersInTheShapeOfAClass() {
    StructuredChatCompletionCreateParams<Harvest> request =
        ask("are dates ripe?")
            .maxCompletionTokens(200)
            .reasoningEffort(ReasoningEffort.NONE)
            .responseFormat(Harvest.class)
            .build();

    Harvest harvest =
        client
            .chat()
            .completions()
            .create(request)
            .choices()
            .get(0)
            .message()
            .content()
            .orElseThrow();

    assertThat(harvest.month).isIn(Harvest.Month.JULY, Harvest.Month.AUGUST);
  }

  @Test
  void cancelsThePromptOfAClientThatLeaves() {
    try (StreamResponse<ChatCompletionChunk> chunks =
        client
            .chat()
            .completions()
            .createStreaming(
                ask("on and on").maxCompletionTokens(3_500).metadata(named("left")).build())) {
      Iterator<ChatCompletionChunk> first = chunks.stream().iterator();
      assertThat(first.next().choices()).hasSize(1);
    }

    Completion completion = awaitCompletion("left");

    assertThat(completion.getFinishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(completion.getUsage().getCompletionTokens()).isLessThan(3_500);
  }

  @Test
  void raisesTheErrorsThatClientsKnow() {
    ChatCompletionCreateParams request = ask("hello").build();
    OpenAIClient stranger = client("sk-nobody-has-this-key");
    assertThatThrownBy(() -> stranger.chat().completions().create(request))
        .isInstanceOf(UnauthorizedException.class);
    stranger.close();
    assertThatThrownBy(
            () -> client.chat().completions().create(ask("x").model("gpt-of-elsewhere").build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("gpt-of-elsewhere");
    assertThatThrownBy(() -> client.chat().completions().create(ask("x").n(2).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class, refusal -> assertThat(refusal.param()).hasValue("n"))
        .hasMessageContaining("n must be 1");
    assertThatThrownBy(() -> client.chat().completions().create(ask("x").topP(2.0).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class, refusal -> assertThat(refusal.param()).hasValue("top_p"));
    assertThatThrownBy(() -> client.chat().completions().create(ask("w ".repeat(9_000)).build()))
        .isInstanceOf(BadRequestException.class);
    assertThatThrownBy(() -> client.models().retrieve("nothing"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void refusesMoreThanATenantMayHaveUnderWay() {
    OpenAIClient beta = client(OTHER_KEY);
    try (StreamResponse<ChatCompletionChunk> one = endless(beta);
        StreamResponse<ChatCompletionChunk> two = endless(beta)) {
      assertThat(one.stream().findFirst()).isPresent();
      assertThat(two.stream().findFirst()).isPresent();

      assertThatThrownBy(() -> beta.chat().completions().create(ask("third").build()))
          .isInstanceOfSatisfying(
              RateLimitException.class,
              refusal ->
                  assertThat(refusal.headers().values("Retry-After"))
                      .singleElement()
                      .satisfies(
                          seconds -> assertThat(Integer.parseInt(seconds)).isBetween(1, 60)));
      assertThat(
              client
                  .chat()
                  .completions()
                  .create(ask("of another").maxCompletionTokens(2).build())
                  .choices())
          .hasSize(1);
    }
    beta.close();
  }

  private static StreamResponse<ChatCompletionChunk> endless(OpenAIClient beta) {
    return beta.chat()
        .completions()
        .createStreaming(ask("on and on").maxCompletionTokens(3_500).build());
  }

  @Test
  void servesTheJavaScriptClientToo() throws Exception {
    Path jobs = Path.of(System.getProperty("falaj.home")).resolve("jobs");
    NodeScripts scripts =
        NodeScripts.install(
            jobs.resolve("src/test/gateway"), jobs.resolve("target/gateway"), Map.of());

    scripts.test(
        "client",
        Map.of("GATEWAY_URL", gateway.url().resolve("v1").toString(), "GATEWAY_KEY", KEY),
        120,
        "client.test.js");

    assertThat(awaitCompletion("cancelled by JavaScript").getFinishReason())
        .isEqualTo(FinishReason.CANCELLED);
  }
}
