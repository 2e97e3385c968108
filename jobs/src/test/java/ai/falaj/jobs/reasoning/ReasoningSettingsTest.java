package ai.falaj.jobs.reasoning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.operators.reasoning.HardTimeoutAction;
import ai.falaj.operators.reasoning.Patience;
import ai.falaj.operators.reasoning.Planning;
import ai.falaj.operators.reasoning.ReasoningOptions;
import ai.falaj.operators.reasoning.ReasoningPrompts;
import ai.falaj.operators.reasoning.ReplyFormat;
import ai.falaj.operators.reasoning.Selection;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.remote.RemoteSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReasoningSettingsTest {

  private static ReasoningSettings settings(String... options) {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("falaj.bootstrap.servers", "broker:9092");
    config.put("falaj.schema-registry.url", "http://registry:8081");
    if (Stream.of(options).noneMatch(option -> option.startsWith("falaj.models."))) {
      config.put("falaj.model", "/models/common.gguf");
    }
    for (int i = 0; i < options.length; i += 2) {
      config.put(options[i], options[i + 1]);
    }
    return ReasoningSettings.from(Configuration.fromMap(config), ModelSpecs::fromOptions);
  }

  @Test
  void defaultsAreThoseOfTheOperators() {
    ReasoningSettings settings = settings();

    assertThat(settings.reasoning()).isEqualTo(ReasoningOptions.DEFAULT);
    assertThat(settings.job().jobName()).isEqualTo("falaj-reasoning");
    assertThat(settings.job().groupId()).isEqualTo("falaj-reasoning");
    assertThat(settings.tracesTopic()).isEqualTo("falaj.traces");
    assertThat(settings.models().planner().spec())
        .isEqualTo(settings.models().solver().spec())
        .isEqualTo(settings.models().judge().spec());
    assertThat(settings.models().planner().options().timeouts().total())
        .isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.models().solver().options().timeouts().total())
        .as("the hard time-out")
        .isEqualTo(Duration.ofHours(2));
    assertThat(settings).hasToString("ReasoningSettings[falaj-reasoning]");
  }

  @Test
  void everyOptionArrives() {
    ReasoningSettings settings =
        settings(
            "falaj.reasoning.samples", "5",
            "falaj.reasoning.planning", "PER_SAMPLE",
            "falaj.reasoning.selection", "MAJORITY",
            "falaj.reasoning.reply-format", "TEXT",
            "falaj.reasoning.timeout.soft", "10 s",
            "falaj.reasoning.timeout.hard", "20 s",
            "falaj.reasoning.timeout.on-hard", "BEST_PARTIAL",
            "falaj.reasoning.traces-topic", "t",
            "falaj.reasoning.max-trace-size", "10 kb",
            "falaj.reasoning.planner.temperature", "0",
            "falaj.reasoning.planner.max-tokens", "7",
            "falaj.reasoning.judge.timeout", "3 s",
            "falaj.reasoning.solver.temperature", "0.7",
            "falaj.reasoning.prompt.plan", "{question} {topics}");
    ReasoningOptions reasoning = settings.reasoning();

    assertThat(reasoning.samples()).isEqualTo(5);
    assertThat(reasoning.planning()).isEqualTo(Planning.PER_SAMPLE);
    assertThat(reasoning.selection()).isEqualTo(Selection.MAJORITY);
    assertThat(reasoning.replyFormat()).isEqualTo(ReplyFormat.TEXT);
    assertThat(reasoning.patience())
        .isEqualTo(
            new Patience(
                Duration.ofSeconds(10), Duration.ofSeconds(20), HardTimeoutAction.BEST_PARTIAL));
    assertThat(settings.tracesTopic()).isEqualTo("t");
    assertThat(reasoning.maxTraceBytes()).isEqualTo(10 << 10);
    assertThat(reasoning.plannerSampling().getTemperature()).isZero();
    assertThat(reasoning.plannerSampling().getMaxTokens()).isEqualTo(7);
    assertThat(reasoning.solverSampling().getTemperature()).isEqualTo(0.7);
    assertThat(settings.models().judge().options().timeouts().total())
        .isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.models().solver().options().timeouts().total())
        .isEqualTo(Duration.ofSeconds(20));
    assertThat(reasoning.prompts().plan()).hasToString("{question} {topics}");
    assertThat(reasoning.prompts().topics()).hasToString(ReasoningPrompts.DEFAULT_TOPICS);
  }

  @Test
  void rolesMayDifferInModelAndEngine() {
    ReasoningSettings settings =
        settings(
            "falaj.reasoning.planner.model", "/models/planner.gguf",
            "falaj.reasoning.solver.runtime.context-tokens", "8192",
            "falaj.reasoning.judge.inference.max-in-flight", "3");

    LlamaCppSpec planner = (LlamaCppSpec) settings.models().planner().spec();
    LlamaCppSpec solver = (LlamaCppSpec) settings.models().solver().spec();
    LlamaCppSpec judge = (LlamaCppSpec) settings.models().judge().spec();
    assertThat(planner.model()).isEqualTo("planner");
    assertThat(judge).as("the planner's").isEqualTo(planner);
    assertThat(solver.model()).isEqualTo("common");
    assertThat(solver.contextTokensPerSequence()).isEqualTo(8192);
    assertThat(planner.contextTokensPerSequence())
        .isEqualTo(CompletionOptions.CONTEXT_TOKENS.defaultValue());
    assertThat(settings.models().judge().options().maxInFlight()).isEqualTo(3);
    assertThat(settings.models().planner().options().maxInFlight()).isEqualTo(64);
  }

  @Test
  void rolesMayHaveNamedModelsOfDifferentEngines() {
    ReasoningSettings settings =
        settings(
            "falaj.models.small.model", "/models/small.gguf",
            "falaj.models.big.engine", "vllm",
            "falaj.models.big.base-url", "http://vllm:8000/v1",
            "falaj.models.big.model", "LLM360/K2-Think",
            "falaj.models.other.model", "/models/other.gguf",
            "falaj.reasoning.planner.model", "small",
            "falaj.reasoning.solver.model", "big");

    CatalogSpec planner = (CatalogSpec) settings.models().planner().spec();
    CatalogSpec solver = (CatalogSpec) settings.models().solver().spec();
    assertThat(planner.models()).as("what it needs and no more").containsExactly("small");
    assertThat(planner.members().get("small")).isInstanceOf(LlamaCppSpec.class);
    assertThat(settings.models().judge().spec()).as("the planner's").isEqualTo(planner);
    assertThat(solver.model()).isEqualTo("big");
    assertThat(solver.models())
        .as("a request may name another")
        .containsExactly("big", "other", "small");
    assertThat(solver.members().get("big")).isInstanceOf(RemoteSpec.class);
    assertThat(solver.members().get("small")).isEqualTo(planner.members().get("small"));
    assertThat(settings.models().specs()).containsExactly(solver, planner);
  }

  @Test
  void rolesWithoutAModelHaveTheDefaultOfTheNamedOnes() {
    ReasoningSettings settings =
        settings(
            "falaj.models.a.model", "/models/a.gguf",
            "falaj.models.b.model", "/models/b.gguf",
            "falaj.models.default", "b",
            "falaj.reasoning.judge.model", "a");

    assertThat(settings.models().planner().spec().model()).isEqualTo("b");
    assertThat(settings.models().solver().spec().model()).isEqualTo("b");
    assertThat(settings.models().judge().spec().model()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          falaj.reasoning.planner.model | c | falaj.reasoning.planner.model is 'c' and the models are a, b; name one of them, or configure falaj.models.c.model
          falaj.reasoning.solver.model  | c | falaj.reasoning.solver.model is 'c' and the models are a, b; name one of them, or configure falaj.models.c.model
          falaj.model                   | c | falaj.model is c and falaj.models.* has the models a, b; leave the first out, or make it one of them
          falaj.reasoning.judge.model   | a | falaj.models.default is not set and the models are a, b; set it to the one that answers requests which name none
          falaj.routes.k2               | a | falaj.routes.k2: a reasoning job has no routes; leave it out, and name the models of the roles with falaj.reasoning.solver.model
          """)
  void saysWhichNamedModelIsWrongAndWhatHelps(String option, String value, String message) {
    assertThatThrownBy(
            () ->
                settings(
                    "falaj.models.a.model",
                    "/models/a.gguf",
                    "falaj.models.b.model",
                    "/models/b.gguf",
                    option,
                    value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void namesTheFilesThatHaveToBeThere() {
    assertThat(
            ReasoningSettings.modelFiles(
                Configuration.fromMap(
                    Map.of("falaj.model", "m", "falaj.reasoning.planner.model", "/models/p.gguf"))))
        .containsExactly("/models/p.gguf", "m");
    assertThat(
            ReasoningSettings.modelFiles(
                Configuration.fromMap(
                    Map.of(
                        "falaj.models.a.model", "/models/a.gguf",
                        "falaj.models.b.engine", "vllm",
                        "falaj.reasoning.planner.model", "a"))))
        .containsExactly("/models/a.gguf");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          falaj.reasoning.samples        | 17 | falaj.reasoning.samples: samples is 17; it must be 1 to 16
          falaj.reasoning.timeout.soft   | 3 h | falaj.reasoning.timeout.soft: soft time-out is PT3H and hard time-out PT2H; the first must be more than 0 and at most the second
          falaj.reasoning.sample         | 3 | falaj.reasoning.sample is no option of this job; docs/OPTIONS.md has a list of them
          falaj.reasoning.judge.modle    | m | falaj.modle is no option of this job; did you mean falaj.model?
          falaj.reasoning.traces-topic   | falaj.chunks | falaj.topic.chunks and falaj.reasoning.traces-topic are both 'falaj.chunks'; give each its own topic
          falaj.topic.prompts            | a, falaj.traces | falaj.topic.prompts and falaj.reasoning.traces-topic are both 'falaj.traces'; give each its own topic
          falaj.topic.prompts-pattern    | falaj.* | falaj.topic.prompts-pattern is 'falaj.*', which matches 'falaj.chunks' of falaj.topic.chunks; let it match topics of prompts only
          falaj.reasoning.max-trace-size | 2 mb | falaj.reasoning.max-trace-size is 2097152 bytes and falaj.inference.max-completion-size 1024000 bytes; lower the first, or raise the second
          falaj.reasoning.prompt.solve   | {question} | falaj.reasoning.prompt.solve: the prompt has no place for its plan; write {plan} where it belongs
          """)
  void saysWhichOptionIsWrongAndWhatHelps(String option, String value, String message) {
    assertThatThrownBy(() -> settings(option, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
