package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.remote.FallbackSpec;
import ai.falaj.runtime.remote.RemotePreset;
import ai.falaj.runtime.remote.RemoteSpec;
import ai.falaj.runtime.remote.SecretReference;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.remote.limits.Hedging;
import ai.falaj.runtime.remote.limits.RateLimits;
import ai.falaj.runtime.remote.protocol.Reasoning;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelOptionsTest {

  private static final Map<String, String> TWO =
      Map.of(
          "falaj.models.k2.model", "/models/k2.gguf",
          "falaj.models.canary.model", "/models/canary.gguf",
          "falaj.models.default", "k2");

  private static Configuration with(String... keysAndValues) {
    Map<String, String> all = new HashMap<>(TWO);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      all.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return Configuration.fromMap(all);
  }

  private static CatalogSpec catalog(String... keysAndValues) {
    return (CatalogSpec) ModelSpecs.fromOptions(with(keysAndValues));
  }

  @Test
  void aJobWithoutNamedModelsHasItsOneModel() {
    RuntimeSpec spec =
        ModelSpecs.fromOptions(Configuration.fromMap(Map.of("falaj.model", "/models/k2.gguf")));
    assertThat(spec).isInstanceOf(LlamaCppSpec.class);
    assertThat(spec.models()).containsExactly("k2");
  }

  @Test
  void eachModelHasTheNameInItsKey() {
    CatalogSpec spec = catalog();
    assertThat(spec.models()).containsExactly("canary", "k2");
    assertThat(spec.model()).isEqualTo("k2");
    assertThat(spec.members().get("canary"))
        .isEqualTo(
            LlamaCppSpec.builder("/models/canary.gguf")
                .model("canary")
                .contextTokensPerSequence(CompletionOptions.CONTEXT_TOKENS.defaultValue())
                .build());
  }

  @Test
  void theOnlyModelIsTheDefault() {
    RuntimeSpec spec =
        ModelSpecs.fromOptions(
            Configuration.fromMap(Map.of("falaj.models.qwen2.5.model", "/models/q.gguf")));
    assertThat(spec.model()).isEqualTo("qwen2.5");
  }

  @Test
  void aModelHasItsOwnOptionsAndTheJobsWhereItHasNone() {
    CatalogSpec spec =
        catalog(
            "falaj.runtime.context-tokens", "8192",
            "falaj.runtime.threads", "3",
            "falaj.models.k2.context-tokens", "32768",
            "falaj.models.k2.kv.layout", "shared",
            "falaj.models.k2.speculation.mode", "draft_model",
            "falaj.models.k2.speculation.draft-model", "/models/draft.gguf",
            "falaj.models.canary.chat-template", "chatml",
            "falaj.tenants.acme.weight", "3");
    LlamaCppSpec k2 = (LlamaCppSpec) spec.members().get("k2");
    LlamaCppSpec canary = (LlamaCppSpec) spec.members().get("canary");

    assertThat(k2.contextTokensPerSequence()).isEqualTo(32_768);
    assertThat(k2.kvLayout()).isEqualTo(KvLayout.SHARED);
    assertThat(k2.speculation().draftSourceOrNull()).isEqualTo("/models/draft.gguf");
    assertThat(k2.threadsOrNull()).isEqualTo(3);
    assertThat(canary.contextTokensPerSequence()).isEqualTo(8192);
    assertThat(canary.kvLayout()).isEqualTo(KvLayout.PER_SEQUENCE);
    assertThat(canary.chatTemplateName()).isEqualTo("chatml");
    assertThat(canary.tenants()).hasSize(1);
    assertThat(
            ModelOptions.contextTokens(
                with(
                    "falaj.models.k2.context-tokens", "32768",
                    "falaj.runtime.context-tokens", "8192")))
        .isEqualTo(32_768);
  }

  @Test
  void everyOptionOfTheEngineIsOneOfAModelToo() {
    for (ConfigOption<?> option : EngineOptions.all()) {
      String key = option.key().replace("falaj.runtime.", "falaj.models.my.model.");
      assertThat(ModelOptions.isOption(key)).as(key).isTrue();
      assertThat(ModelOptions.names(Configuration.fromMap(Map.of(key, "1"))))
          .containsExactly("my.model");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          falaj.models.default|gone|falaj.models.default is gone and the models are canary, k2; set it to the one that answers requests which name none
          falaj.model|m|falaj.model is m and falaj.models.* has the models canary, k2; leave the first out, or make it one of them
          falaj.models.big.threads|1|falaj.models.big.model is not set; set it, for example to smollm2-135m-instruct or /models/my.gguf
          falaj.models.k2.kv.pool-tokens|9000|falaj.models.k2.kv.pool-tokens is 9000 and falaj.runtime.kv.layout is PER_SEQUENCE; set the second to SHARED, or leave the first out
          falaj.models.k2.base-url|http://h/v1|falaj.models.k2.base-url is an option of servers and the model's engine is llamacpp; leave it out
          falaj.models.k2.fallback|canary;gone|falaj.models.k2.fallback names gone and the other models are canary; name some of those
          falaj.models.k2.fallback|k2|falaj.models.k2.fallback names k2 and the other models are canary; name some of those
          falaj.models.k 3.model|m|falaj.models.k 3.*: a model cannot have that name; use letters, digits, dots, hyphens and underscores, and not 'default'
          falaj.models.default.model|m|falaj.models.default.*: a model cannot have that name; use letters, digits, dots, hyphens and underscores, and not 'default'
          falaj.runtime.prefill-stretch|0.5|falaj.models.canary.*: falaj.runtime.prefill-stretch is 0.5; it must be 1 or more
          """)
  void refusesWhatCannotWork(String key, String value, String message) {
    assertThatThrownBy(() -> catalog(key, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void aServerIsOneLineAndHasItsOwnOptions() {
    CatalogSpec spec =
        catalog(
            "falaj.models.cloud.engine", "k2-think-cerebras",
            "falaj.models.cloud.model", "k2-think",
            "falaj.models.vllm.engine", "vllm",
            "falaj.models.vllm.model", "LLM360/K2-Think",
            "falaj.models.vllm.base-url", "http://vllm:8000/v1",
            "falaj.models.vllm.key", "file:/secrets/vllm",
            "falaj.models.vllm.reasoning", "tags",
            "falaj.models.vllm.context-tokens", "65536",
            "falaj.models.vllm.max-concurrency", "20",
            "falaj.models.vllm.requests-per-minute", "600",
            "falaj.models.vllm.hedging.quantile", "0.9",
            "falaj.models.vllm.hedging.at-least", "3 s",
            "falaj.models.vllm.connect-timeout", "1 s",
            "falaj.models.vllm.silence-timeout", "2 min",
            "falaj.models.vllm.extra-body", "{\"priority\":1}",
            "falaj.models.vllm.check-at-open", "false",
            "falaj.models.vllm.fallback", "cloud;k2",
            "falaj.models.vllm.same-weights", "true");
    assertThat(spec.members().get("cloud"))
        .isEqualTo(RemoteSpec.of(RemotePreset.K2_THINK_CEREBRAS, "k2-think"));
    RemoteSpec vllm =
        RemoteSpec.builder(RemotePreset.VLLM, "LLM360/K2-Think")
            .baseUrl("http://vllm:8000/v1")
            .key(SecretReference.file("/secrets/vllm"))
            .reasoning(Reasoning.TAGS)
            .contextTokens(65_536)
            .concurrency(new AdaptiveLimit.Bounds(20, 1, 20))
            .rateLimits(new RateLimits(600, RateLimits.UNLIMITED))
            .hedging(Hedging.aboveQuantile(0.9, Duration.ofSeconds(3)))
            .connectTimeout(Duration.ofSeconds(1))
            .silenceTimeout(Duration.ofMinutes(2))
            .extraBody("{\"priority\":1}")
            .checkAtOpen(false)
            .build();
    assertThat(spec.members().get("vllm"))
        .isEqualTo(
            new FallbackSpec(
                List.of(vllm, spec.members().get("cloud"), spec.members().get("k2")), true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          falaj.models.vllm.engine|warp|falaj.models.vllm.engine: there is no preset 'warp'; there are k2-think-cerebras, vllm,
          falaj.models.vllm.model||falaj.models.vllm.model is not set; set it, for example to LLM360/K2-Think, as the server names it
          falaj.models.vllm.key|sk-12345|falaj.models.vllm.key: a key is named by env:VARIABLE, file:PATH or none, and never written out
          falaj.models.vllm.kv.layout|shared|falaj.models.vllm.kv.layout is an option of llamacpp and the model's engine is vllm; leave it out
          falaj.models.vllm.base-url|vllm:8000|falaj.models.vllm: the base URL of a model must be
          falaj.models.vllm.max-concurrency|0|falaj.models.vllm.max-concurrency: concurrency starts at
          """)
  void refusesWhatIsNoServerAndRepeatsNoKey(String key, String value, String message) {
    assertThatThrownBy(
            () ->
                catalog(
                    "falaj.models.vllm.engine",
                    key.endsWith("engine") ? value : "vllm",
                    "falaj.models.vllm.model",
                    "m",
                    key,
                    value == null ? "" : value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("sk-12345");
  }

  @Test
  void severalModelsNeedADefault() {
    Map<String, String> two = new HashMap<>(TWO);
    two.remove("falaj.models.default");
    assertThatThrownBy(() -> ModelSpecs.fromOptions(Configuration.fromMap(two)))
        .hasMessage(
            "falaj.models.default is not set and the models are canary, k2; set it to the one that"
                + " answers requests which name none");
  }

  @Test
  void aMisspeltOptionOfAModelIsRefused() {
    Configuration config =
        with(
            "falaj.bootstrap.servers", "broker:9092",
            "falaj.schema-registry.url", "http://registry:8081",
            "falaj.models.k2.contxt-tokens", "5");
    assertThatThrownBy(() -> CompletionSettings.from(config))
        .hasMessageStartingWith("falaj.models.k2.contxt-tokens is no option of this job");
  }
}
