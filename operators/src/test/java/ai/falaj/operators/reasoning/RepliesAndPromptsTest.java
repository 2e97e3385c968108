package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.RequestedSampling;
import ai.falaj.operators.reasoning.JsonReplies.UselessReplyException;
import ai.falaj.schemas.SamplingParameters;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepliesAndPromptsTest {

  @Test
  void readsJsonWithWordsAroundIt() throws Exception {
    assertThat(
            JsonReplies.topics(
                "Sure:\n```json\n{\"is_hard_problem\": true, \"search_list\": [\"a\", \"b\"]}\n```"))
        .isEqualTo(new JsonReplies.Topics(true, List.of("a", "b")));
    assertThat(JsonReplies.verdict("{\"index\": 1, \"explanation\": \"shorter\"}"))
        .isEqualTo(new JsonReplies.Verdict(true, "shorter"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "one",
        "{\"index\": ",
        "{\"index\": 2}",
        "{\"index\": \"1\"}",
        "{\"index\": 0.5}",
        "}{",
        "{\"better_index\": 1}"
      })
  void saysWhatIsWrongWithAReplyAndNotWhatItHolds(String reply) {
    assertThatThrownBy(() -> JsonReplies.verdict(reply))
        .isInstanceOf(UselessReplyException.class)
        .hasMessageStartingWith("the reply");
  }

  @ParameterizedTest
  @EnumSource(ReplyFormat.class)
  void asksForAFormatThatTheOperatorTakes(ReplyFormat format) {
    for (String schema : List.of(JsonReplies.TOPICS_SCHEMA, JsonReplies.VERDICT_SCHEMA)) {
      SamplingParameters held =
          JsonReplies.held(SamplingParameters.newBuilder().build(), format, schema).build();
      RequestedSampling.requireValid(held);
      assertThat(held.getResponseFormat() == null).isEqualTo(format == ReplyFormat.TEXT);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "first <plan> measure </plan> then | measure",
        "measure </plan> | measure",
        "<plan>a</plan> or <plan>b</plan> | b",
        "<plan>a<plan>b</plan> | b",
        " just do it | just do it",
        "<plan>cut off | <plan>cut off",
      })
  void findsThePlanInAReply(String reply, String plan) {
    assertThat(PlanStep.planOf(reply)).isEqualTo(plan);
  }

  @Test
  void fillsAllPlacesAtOnce() {
    PromptTemplate template = PromptTemplate.of("{question} $1 {plan} {other}", Set.of("plan"));

    assertThat(template.with(Map.of("question", "is {plan} \\d?", "plan", "{question}")))
        .isEqualTo("is {plan} \\d? $1 {question} {other}");
  }

  @Test
  void aPromptWithoutItsPlaceIsRefused() {
    assertThatThrownBy(() -> ReasoningPrompts.of("no place", "", "", "", "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "topics: the prompt has no place for its question; write {question} where it belongs");
  }

  @Test
  void idsOfCandidatesSurviveIdsThatLookLikeThem() {
    CandidateId id = new CandidateId("a#1/2", 3, 16);

    assertThat(CandidateId.parse(id.toString())).isEqualTo(id);
    assertThatThrownBy(() -> CandidateId.parse("a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no id of a candidate: a");
  }
}
