package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.KvType;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.LoraAdapter;
import ai.falaj.runtime.llamacpp.RopeScaling;
import ai.falaj.runtime.llamacpp.Speculation;
import ai.falaj.runtime.scheduler.TenantShare;
import ai.falaj.runtime.scheduler.TokenBudget;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSpecsTest {

  private static LlamaCppSpec spec(String... keysAndValues) {
    Map<String, String> all = new HashMap<>(Map.of("falaj.model", "/models/k2.gguf"));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      all.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return (LlamaCppSpec) ModelSpecs.fromOptions(Configuration.fromMap(all));
  }

  @Test
  void defaultsAreThoseOfTheEngine() {
    assertThat(spec())
        .isEqualTo(
            LlamaCppSpec.builder("/models/k2.gguf")
                .contextTokensPerSequence(CompletionOptions.CONTEXT_TOKENS.defaultValue())
                .build());
    assertThat(EngineOptions.SPECULATION_MAX_DRAFT_TOKENS.defaultValue())
        .isEqualTo(Speculation.promptLookup().maxDraftTokens());
    assertThat(EngineOptions.PREFILL_STRETCH.defaultValue())
        .isEqualTo(LlamaCppSpec.builder("m").build().prefillStretch());
    assertThat(EngineOptions.SPECULATION_MAX_SEQUENCES.defaultValue())
        .isEqualTo(Speculation.promptLookup().maxSequences());
  }

  @Test
  void mapsEveryOption() {
    LlamaCppSpec spec =
        spec(
            "falaj.runtime.kv.layout", "shared",
            "falaj.runtime.kv.pool-tokens", "20000",
            "falaj.runtime.kv.key-type", "q8_0",
            "falaj.runtime.kv.value-type", "bf16",
            "falaj.runtime.rope-scaling.method", "yarn",
            "falaj.runtime.rope-scaling.factor", "4",
            "falaj.runtime.prefix-store.size", "1 gb",
            "falaj.runtime.prefill-stretch", "1.5",
            "falaj.runtime.speculation.mode", "draft_model",
            "falaj.runtime.speculation.max-draft-tokens", "5",
            "falaj.runtime.speculation.max-sequences", "2",
            "falaj.runtime.speculation.draft-model", "/models/draft.gguf",
            "falaj.runtime.adapters", "legal=/a/legal.gguf;med=/b/m@v2.gguf@0.5;x=/c/x@2.gguf",
            "falaj.runtime.reload-on-change", "true",
            "falaj.runtime.crash-directory", "/var/falaj/crashes",
            "falaj.tenants.acme.weight", "3",
            "falaj.tenants.acme.budget-tokens", "100000",
            "falaj.tenants.acme.budget-window", "1 h",
            "falaj.tenants.eu.west.budget-tokens", "7");

    assertThat(spec.kvLayout()).isEqualTo(KvLayout.SHARED);
    assertThat(spec.kvTokens()).isEqualTo(20_000);
    assertThat(spec.keyType()).isEqualTo(KvType.Q8_0);
    assertThat(spec.valueType()).isEqualTo(KvType.BF16);
    assertThat(spec.ropeScaling()).contains(new RopeScaling(RopeScaling.Method.YARN, 4));
    assertThat(spec.prefixStoreBytes()).isEqualTo(1L << 30);
    assertThat(spec.prefillStretch()).isEqualTo(1.5);
    assertThat(spec.speculation())
        .isEqualTo(new Speculation(Speculation.Mode.DRAFT_MODEL, 5, 2, "/models/draft.gguf"));
    assertThat(spec.adapters())
        .containsExactly(
            new LoraAdapter("legal", "/a/legal.gguf", 1),
            new LoraAdapter("med", "/b/m@v2.gguf", 0.5f),
            new LoraAdapter("x", "/c/x@2.gguf", 1));
    assertThat(spec.reloadOnChange()).isTrue();
    assertThat(spec.crashDirectoryOrNull()).isEqualTo("/var/falaj/crashes");
    assertThat(spec.tenants())
        .containsExactly(
            new TenantShare("acme", 3, new TokenBudget(100_000, Duration.ofHours(1))),
            new TenantShare("eu.west", 1, new TokenBudget(7, Duration.ofMinutes(1))));
  }

  @Test
  void readsTheOptionsOfTheJobsArguments() {
    LlamaCppSpec spec = spec("falaj.runtime.prefix-store.size", "0");
    assertThat(spec.prefixStoreBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          falaj.runtime.kv.pool-tokens|9000|falaj.runtime.kv.pool-tokens is 9000 and falaj.runtime.kv.layout is PER_SEQUENCE; set the second to SHARED, or leave the first out
          falaj.runtime.rope-scaling.factor|2|falaj.runtime.rope-scaling.method is not set and falaj.runtime.rope-scaling.factor is 2.0; set both, or neither
          falaj.runtime.rope-scaling.method|linear|falaj.runtime.rope-scaling.method is LINEAR and falaj.runtime.rope-scaling.factor is not set; set both, or neither
          falaj.runtime.prefill-stretch|0.5|falaj.runtime.prefill-stretch is 0.5; it must be 1 or more
          falaj.runtime.speculation.mode|draft_model|falaj.runtime.speculation.mode is DRAFT_MODEL and falaj.runtime.speculation.draft-model is not set; name a model with DRAFT_MODEL and with nothing else
          falaj.runtime.speculation.draft-model|d.gguf|falaj.runtime.speculation.mode is OFF and falaj.runtime.speculation.draft-model is d.gguf; name a model with DRAFT_MODEL and with nothing else
          falaj.runtime.adapters|/a.gguf|falaj.runtime.adapters has '/a.gguf'; write NAME=PATH or NAME=PATH@SCALE, separated by semicolons
          falaj.runtime.adapters|a=x;a=y|adapter 'a' is configured twice
          falaj.tenants.acme.weight|0|the weight of tenant acme is 0.0; it must be above 0 and at most 1000.0; correct falaj.tenants.acme.*
          falaj.tenants.acme.budget-tokens|0|a token budget is 0; it must be 1 or more; correct falaj.tenants.acme.*
          falaj.tenants.acme.budget-window|1 h|falaj.tenants.acme.budget-window is set and falaj.tenants.acme.budget-tokens is not; set both, or neither
          """)
  void refusesWhatCannotWork(String key, String value, String message) {
    assertThatThrownBy(() -> spec(key, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesAPoolThatHoldsNoWholeRequest() {
    assertThatThrownBy(
            () ->
                spec(
                    "falaj.runtime.kv.layout", "SHARED",
                    "falaj.runtime.kv.pool-tokens", "4095"))
        .hasMessage(
            "falaj.runtime.kv.pool-tokens is 4095 and falaj.runtime.context-tokens is 4096; raise"
                + " the first to at least the second, so that one request fits");
  }

  @Test
  void namesTheOptionOfAValueOutOfItsRange() {
    assertThatThrownBy(
            () ->
                spec(
                    "falaj.runtime.speculation.mode", "prompt_lookup",
                    "falaj.runtime.speculation.max-draft-tokens", "0"))
        .hasMessageStartingWith("falaj.runtime.speculation.mode: max draft tokens is 0");
    assertThatThrownBy(
            () ->
                spec(
                    "falaj.runtime.rope-scaling.method", "yarn",
                    "falaj.runtime.rope-scaling.factor", "1"))
        .hasMessageStartingWith(
            "falaj.runtime.rope-scaling.factor: the rope scaling factor is 1.0");
  }
}
