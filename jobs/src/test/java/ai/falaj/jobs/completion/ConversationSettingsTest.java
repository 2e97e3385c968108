package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.ConversationOptions;
import ai.falaj.operators.SummaryOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversationSettingsTest {

  private static ConversationOptions from(Map<String, String> options) {
    return ConversationSettings.from(Configuration.fromMap(options));
  }

  @Test
  void keepsNothingAndTruncatesUnlessAsked() {
    assertThat(from(Map.of())).isEqualTo(ConversationOptions.NONE);
  }

  @Test
  void eachOptionIsItsPart() {
    assertThat(
            from(
                Map.of(
                    "falaj.conversations.time-to-live", "1 h",
                    "falaj.conversations.max-tokens", "900",
                    "falaj.conversations.on-overflow", "summarize",
                    "falaj.conversations.summary.model", " small ",
                    "falaj.conversations.summary.max-tokens", "300",
                    "falaj.conversations.summary.instruction", "لخّص")))
        .isEqualTo(
            ConversationOptions.summarizing(
                Duration.ofHours(1), 900, new SummaryOptions("small", 300, "لخّص")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "falaj.conversations.summary.max-tokens|1025|falaj.conversations.summary.max-tokens is 1025"
            + " and falaj.conversations.max-tokens is 2048; lower the first to at most half of the"
            + " second, so that turns fit beside the summary",
        "falaj.conversations.summary.instruction|' '|falaj.conversations.summary.instruction is"
            + " empty; say what to write, or remove it"
      })
  void refusesWhatCannotBeSummarised(String option, String value, String message) {
    assertThatThrownBy(
            () -> from(Map.of("falaj.conversations.on-overflow", "SUMMARIZE", option, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void aSummaryHasNoBoundWhereNoneIsWritten() {
    assertThat(from(Map.of("falaj.conversations.max-tokens", "100")).maxTokens()).isEqualTo(100);
  }

  @Test
  void summariesAreWrittenByAModelOfTheJob() {
    ConversationOptions named =
        from(
            Map.of(
                "falaj.conversations.on-overflow", "SUMMARIZE",
                "falaj.conversations.summary.model", "small"));
    ConversationSettings.requireModel(named, Set.of("small"));
    assertThatThrownBy(() -> ConversationSettings.requireModel(named, Set.of("large")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "falaj.conversations.summary.model is 'small' and the job serves large; name one of"
                + " those, or configure falaj.models.small.model");
    ConversationSettings.requireModel(from(Map.of()), Set.of("large"));
  }
}
