package ai.falaj.benchmarks.simulation.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {

  @Test
  void readsStretchAndTokens() {
    Policy policy = Policy.parse("adaptive=2.5/1024");

    assertThat(policy.kind()).isEqualTo(Policy.Kind.ADAPTIVE);
    assertThat(policy.prefillStretch()).isEqualTo(2.5);
    assertThat(policy.prefillTokens()).isEqualTo(1024);
  }

  @Test
  void readsAFixedBudget() {
    Policy policy = Policy.parse("chunked=256");

    assertThat(policy.prefillStretch()).isInfinite();
    assertThat(policy.prefillTokens()).isEqualTo(256);
  }

  /** What is called adaptive here is what the product does. */
  @Test
  void takesTheDefaultsOfTheProduct() {
    LlamaCppSpec spec = LlamaCppSpec.builder("any.gguf").build();

    assertThat(Policy.parse("adaptive").prefillStretch()).isEqualTo(spec.prefillStretch());
    assertThat(Policy.parse("adaptive").prefillTokens())
        .isEqualTo(spec.maxPrefillTokensWhileDecoding());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "adaptiv",
        "chunked",
        "chunked=",
        "chunked=0",
        "adaptive=0.5",
        "adaptive=1.2.3"
      })
  void refusesWhatIsNoPolicy(String text) {
    assertThatThrownBy(() -> Policy.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
