package ai.falaj.operators.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.RetryPolicy;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.ScriptedReply;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of one row, over a scripted runtime. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FalajPredictFunctionTest {

  private static final AtomicInteger MODELS = new AtomicInteger();

  private final Map<String, String> options = new HashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private ErrorHandlingStrategy strategy = ErrorHandlingStrategy.NULL;
  private Duration timeout = Duration.ofSeconds(30);
  private ScriptedRuntimeSpec model;
  private FalajPredictFunction function;

  @AfterEach
  void close() {
    if (function != null) {
      function.close();
    }
  }

  @Test
  void asksAgainWithWhatWasWrongAndAnotherSeed() throws Exception {
    options.put("seed", "7");
    options.put("system-prompt", "Rate.");
    open(
        request ->
            answer(asked.incrementAndGet() == 1 ? "{\"stars\": \"four\"}" : "{\"stars\": 4}"));

    assertThat(row("a fine thing")).isEqualTo(GenericRowData.of(4, null));
    List<GenerationRequest> requests = model.received();
    assertThat(requests).hasSize(2);
    assertThat(requests.get(0).sampling().seed()).hasValue(7);
    assertThat(requests.get(1).sampling().seed()).hasValue(8);
    assertThat(messages(requests.get(1)))
        .containsExactly(
            new ChatMessage("system", "Rate."),
            new ChatMessage("user", "a fine thing"),
            new ChatMessage("assistant", "{\"stars\": \"four\"}"),
            new ChatMessage(
                "user",
                "That answer cannot be used: /stars: it is a string; a number is wanted. Answer again, with the corrected JSON object only."));
  }

  @Test
  void givesUpAfterASecondAnswerThatDoesNotFit() throws Exception {
    open(request -> answer("{\"stars\": null}"));

    assertThat(row("x"))
        .isEqualTo(
            GenericRowData.of(null, text("UNEXPECTED_NULL: /stars: it is null and must not be")));
    assertThat(model.received()).hasSize(2);
  }

  @Test
  void asksForACutAnswerAgainOnlyWhereItMayComeOutOtherwise() throws Exception {
    options.put("temperature", "0");
    open(request -> answer("{\"stars\": "));

    assertThat(row("x"))
        .isEqualTo(
            GenericRowData.of(
                null, text("TRUNCATED: the JSON ends before its end, after 10 characters")));
    assertThat(model.received()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = RuntimeErrorCode.class,
      names = {"ENGINE_FAILURE", "TIMEOUT", "UNAUTHORIZED", "OVERLOADED", "CANNOT_RESUME"})
  void triesAgainWhatMayPass(RuntimeErrorCode code) throws Exception {
    open(
        request ->
            asked.incrementAndGet() == 1
                ? new ScriptedReply.Failure(code)
                : answer("{\"stars\": 3}"));

    assertThat(row("x")).isEqualTo(GenericRowData.of(3, null));
    assertThat(model.received()).hasSize(2);
  }

  @Test
  void givesUpAfterTheLastRetry() throws Exception {
    open(request -> new ScriptedReply.Failure(RuntimeErrorCode.ENGINE_FAILURE));

    assertThat(row("x"))
        .isEqualTo(
            GenericRowData.of(
                null,
                text(
                    "RETRIES_EXHAUSTED: 3 generations failed, the last with ENGINE_FAILURE: failed by the script")));
    assertThat(model.received()).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(
      value = RuntimeErrorCode.class,
      names = {"PROMPT_TOO_LONG", "CONTENT_FILTERED", "ENGINE_CRASH", "UNKNOWN_MODEL"})
  void doesNotTryAgainWhatWouldEndTheSameWay(RuntimeErrorCode code) throws Exception {
    open(request -> new ScriptedReply.Failure(code));

    assertThat(row("x")).isEqualTo(GenericRowData.of(null, text(code + ": failed by the script")));
    assertThat(model.received()).hasSize(1);
  }

  @Test
  void failsTheJobWhenTheRuntimeIsGoneWhateverTheStrategy() throws Exception {
    open(request -> new ScriptedReply.Failure(RuntimeErrorCode.RUNTIME_CLOSED));

    assertThatThrownBy(() -> row("x"))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("failed by the script");
  }

  @Test
  void leavesTheRowOut() throws Exception {
    strategy = ErrorHandlingStrategy.IGNORE;
    open(request -> new ScriptedReply.Failure(RuntimeErrorCode.PROMPT_TOO_LONG));

    assertThat(predict(GenericRowData.of(text("x"))).get()).isEmpty();
  }

  @Test
  void failsOverWithoutShowingThePrompt() throws Exception {
    strategy = ErrorHandlingStrategy.FAILOVER;
    open(request -> new ScriptedReply.Failure(RuntimeErrorCode.PROMPT_TOO_LONG));

    CompletableFuture<Collection<RowData>> rows = new CompletableFuture<>();
    function.eval(rows, text("a secret"));

    assertThatThrownBy(rows::get)
        .hasRootCauseMessage("PROMPT_TOO_LONG: failed by the script")
        .hasMessageNotContaining("secret");
  }

  @Test
  void endsARowThatTakesTooLong() throws Exception {
    timeout = Duration.ofMillis(100);
    open(request -> new ScriptedReply.Silence());

    assertThat(row("x"))
        .isEqualTo(
            GenericRowData.of(
                null,
                text("TIMEOUT: no answer after PT0.1S; allow more time or ask for fewer tokens")));
  }

  @Test
  void saysThatAPromptIsNull() throws Exception {
    open(request -> answer("{\"stars\": 3}"));

    assertThat(predict(GenericRowData.of((Object) null)).get())
        .containsExactly(GenericRowData.of(null, text("EMPTY_PROMPT: the prompt is NULL")));
    assertThat(model.received()).isEmpty();
  }

  @Test
  void cancelsWhatIsUnderWayWhenItCloses() throws Exception {
    open(request -> new ScriptedReply.Silence());
    CompletableFuture<Collection<RowData>> rows = predict(GenericRowData.of(text("x")));
    while (model.received().isEmpty()) {
      Thread.sleep(1);
    }

    function.close();

    assertThat(rows).isNotDone();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("falaj-sql-" + model.model())) {
        thread.join(10_000); // its work is over; it may still be on its way out
        assertThat(thread.isAlive()).isFalse();
      }
    }
  }

  @Test
  void refusesARowOptionOutOfItsRange() throws Exception {
    options.put("row-options", "temperature");
    open(
        ResolvedSchema.of(
            Column.physical("body", DataTypes.STRING()),
            Column.physical("temperature", DataTypes.DOUBLE())),
        request -> answer("{\"stars\": 3}"));

    assertThat(predict(GenericRowData.of(text("x"), 9.0)).get())
        .containsExactly(
            GenericRowData.of(
                null, text("INVALID_PARAMETER: temperature is 9.0; it must be 0.0 to 2.0")));
    assertThat(predict(GenericRowData.of(text("x"), null)).get())
        .containsExactly(GenericRowData.of(3, null));
  }

  private void open(Function<GenerationRequest, ScriptedReply> replies) throws Exception {
    open(ResolvedSchema.of(Column.physical("body", DataTypes.STRING())), replies);
  }

  private void open(ResolvedSchema input, Function<GenerationRequest, ScriptedReply> replies)
      throws Exception {
    model = ScriptedRuntimeSpec.of("predict-" + MODELS.incrementAndGet(), replies);
    options.put("error-column", "error");
    options.put("model", model.model());
    Configuration configuration = Configuration.fromMap(options);
    ResolvedSchema output =
        ResolvedSchema.of(
            Column.physical("stars", DataTypes.INT()),
            Column.physical("error", DataTypes.STRING()));
    function =
        copy(
            new FalajPredictFunction(
                model,
                configuration,
                PromptColumns.of(input, configuration),
                new OutputColumns(output, configuration, options),
                new PredictSettings(
                    strategy,
                    new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5)),
                    1,
                    timeout)));
    function.open(new UnregisteredMetricsGroup());
  }

  /** As it comes to a TaskManager. */
  private static FalajPredictFunction copy(FalajPredictFunction function) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(function);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (FalajPredictFunction) in.readObject();
    }
  }

  private CompletableFuture<Collection<RowData>> predict(RowData row) {
    return function.asyncPredict(row);
  }

  private RowData row(String prompt) throws Exception {
    return Optional.of(predict(GenericRowData.of(text(prompt))).get())
        .map(rows -> rows.iterator().next())
        .orElseThrow();
  }

  private static List<ChatMessage> messages(GenerationRequest request) {
    return ((Prompt.Chat) request.prompt()).messages();
  }

  private static ScriptedReply answer(String text) {
    return ScriptedReply.answer(text);
  }

  private static StringData text(String text) {
    return StringData.fromString(text);
  }
}
