package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamedAnswerTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private final List<String> frames = new ArrayList<>();

  private static StreamedAnswer answer(boolean includeUsage) {
    return new StreamedAnswer(new ChatJson("r", "falaj", 1), includeUsage);
  }

  private static CompletionChunk chunk(
      int attempt, int offset, int follows, Channel channel, String text, FinishReason finish) {
    return new CompletionChunk(
        "r", attempt, offset, offset, 1, channel, text, finish, NOON, 0, follows);
  }

  private static CompletionChunk chunk(int attempt, int offset, String text, FinishReason finish) {
    return chunk(attempt, offset, 0, Channel.ANSWER, text, finish);
  }

  private static Completion completion(String answer) {
    return Completion.newBuilder()
        .setRequestId("r")
        .setAnswer(answer)
        .setFinishReason(FinishReason.STOP)
        .setUsage(new Usage(10, 4, 0, 7))
        .setTimings(new Timings(1L, 20L, 300L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("m")
                .setEngine("e")
                .setEngineVersion("1")
                .setSeed(1)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setCompletedAt(NOON)
        .build();
  }

  private List<String> drain(StreamedAnswer answer) {
    for (Optional<byte[]> frame = answer.next(); frame.isPresent(); frame = answer.next()) {
      frames.add(new String(frame.get(), StandardCharsets.UTF_8).strip());
    }
    return frames;
  }

  private static JsonNode json(String frame) throws IOException {
    assertThat(frame).startsWith("data: {");
    return MAPPER.readTree(frame.substring(6));
  }

  private String text(String field) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String frame : frames) {
      if (frame.startsWith("data: {")) {
        text.append(json(frame).at("/choices/0/delta/" + field).asText(""));
      }
    }
    return text.toString();
  }

  @Test
  void sendsRoleReasoningAnswerAndEnd() throws IOException {
    StreamedAnswer answer = answer(false);
    answer.chunk(chunk(1, 0, 0, Channel.REASONING, "2+2", null));
    assertThat(answer.begun()).isCompleted();
    answer.chunk(chunk(1, 1, "4", FinishReason.STOP));

    assertThat(drain(answer)).hasSize(5).last().isEqualTo("data: [DONE]");
    assertThat(json(frames.get(0)).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    assertThat(text("reasoning_content")).isEqualTo("2+2");
    assertThat(text("content")).isEqualTo("4");
    assertThat(json(frames.get(3)).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(json(frames.get(1)).at("/choices/0/finish_reason").isNull()).isTrue();
    assertThat(answer.isEnded()).isTrue();
    assertThat(answer.ended()).isCompleted();
  }

  @Test
  void waitsForTheCompletionWhereUsageIsAskedFor() throws IOException {
    StreamedAnswer answer = answer(true);
    answer.chunk(chunk(1, 0, "Hi", FinishReason.STOP));
    drain(answer);
    assertThat(answer.isEnded()).isFalse();
    assertThat(answer.ended()).isNotDone();

    answer.completed(completion("Hi"));

    drain(answer);
    JsonNode usage = json(frames.get(frames.size() - 2));
    assertThat(usage.at("/usage/total_tokens").asInt()).isEqualTo(17);
    assertThat(usage.at("/usage/prompt_tokens_details/cached_tokens").asInt()).isEqualTo(4);
    assertThat(usage.get("choices")).isEmpty();
    assertThat(frames).last().isEqualTo("data: [DONE]");
  }

  @Test
  void sendsAllOfACompletionWhoseChunksNeverCame() throws IOException {
    StreamedAnswer answer = answer(false);

    answer.completed(completion("Hello"));

    drain(answer);
    assertThat(text("content")).isEqualTo("Hello");
    assertThat(frames).last().isEqualTo("data: [DONE]");
  }

  @Test
  void neitherRepeatsNorReordersWhatComesTwiceOrOutOfOrder() throws IOException {
    StreamedAnswer answer = answer(false);
    answer.chunk(chunk(1, 1, "b", null));
    answer.chunk(chunk(1, 0, "a", null));
    answer.chunk(chunk(1, 1, "b", null));
    answer.chunk(chunk(1, 2, "c", FinishReason.STOP));

    drain(answer);

    assertThat(text("content")).isEqualTo("abc");
  }

  @Test
  void goesOnWhereALaterAttemptWritesTheSameAgain() throws IOException {
    StreamedAnswer answer = answer(false);
    answer.chunk(chunk(1, 0, "a", null));
    answer.chunk(chunk(1, 1, "b", null));
    answer.chunk(chunk(2, 0, "a", null));
    answer.chunk(chunk(2, 1, "b", null));
    answer.chunk(chunk(2, 2, "c", FinishReason.STOP));

    drain(answer);

    assertThat(text("content")).isEqualTo("abc");
    assertThat(frames).last().isEqualTo("data: [DONE]");
  }

  @Test
  void endsWithAnErrorWhereALaterAttemptContradictsWhatWasSent() throws IOException {
    StreamedAnswer answer = answer(false);
    answer.chunk(chunk(1, 0, "Good ", null));
    answer.chunk(chunk(1, 1, "evening", null));
    answer.chunk(chunk(2, 0, "Good ", null));
    answer.chunk(chunk(2, 1, "morning", FinishReason.STOP));
    answer.completed(completion("Good morning"));

    drain(answer);

    assertThat(text("content")).isEqualTo("Good evening");
    assertThat(json(frames.get(frames.size() - 1)).at("/error/code").asText())
        .isEqualTo("restarted");
  }

  @Test
  void endsWithAnErrorWhereTheAnswerIsShorterThanWhatWasSent() throws IOException {
    StreamedAnswer answer = answer(true);
    answer.chunk(chunk(1, 0, "Good ", null));
    answer.chunk(chunk(1, 1, "evening", null));
    answer.completed(completion("Good "));

    drain(answer);

    assertThat(json(frames.get(frames.size() - 1)).at("/error/code").asText())
        .isEqualTo("restarted");
    assertThat(answer.isEnded()).isTrue();
  }

  @Test
  void tellsAFailureBeforeTheFirstPieceByItsStatusAndLaterInTheStream() throws IOException {
    StreamedAnswer early = answer(false);
    early.failed(WebException.badRequest("empty_prompt", "nothing"));
    assertThatThrownBy(() -> early.begun().join()).hasCauseInstanceOf(WebException.class);
    assertThat(early.next()).isEmpty();

    StreamedAnswer late = answer(false);
    late.chunk(chunk(1, 0, "Hi", null));
    late.failed(WebException.unavailable("stopping", "soon"));
    drain(late);
    assertThat(json(frames.get(frames.size() - 1)).at("/error/code").asText())
        .isEqualTo("stopping");
    assertThat(late.isEnded()).isTrue();
  }

  @Test
  void sendsWhatWaitsForASlowClientInOnePiece() throws IOException {
    StreamedAnswer answer = answer(false);
    answer.chunk(chunk(1, 0, 0, Channel.REASONING, "a", null));
    answer.chunk(chunk(1, 1, 0, Channel.REASONING, "b", null));
    for (int token = 2; token < 1_000; token++) {
      answer.chunk(chunk(1, token, "x", null));
    }

    assertThat(drain(answer)).as("role, reasoning, answer").hasSize(3);
    assertThat(text("reasoning_content")).isEqualTo("ab");
    assertThat(text("content")).isEqualTo("x".repeat(998));
  }

  @Test
  void endsWithAnErrorWhereSomebodyCancelledIt() throws IOException {
    StreamedAnswer answer = answer(false);
    answer.chunk(chunk(1, 0, "Hel", null));
    answer.chunk(chunk(1, 1, "", FinishReason.CANCELLED));

    drain(answer);

    assertThat(json(frames.get(frames.size() - 1)).at("/error/code").asText())
        .isEqualTo("cancelled");
    assertThat(answer.outcome()).isEqualTo("cancelled");
  }

  /** Whoever hears of the status must know already that no client has left. */
  @Test
  void hasEndedBeforeItTellsItsFailure() {
    StreamedAnswer answer = answer(false);
    List<Boolean> endedBefore = new ArrayList<>();
    answer.begun().whenComplete((none, failure) -> endedBefore.add(answer.ended().isDone()));

    answer.failed(WebException.badRequest("empty_prompt", "nothing"));

    assertThat(endedBefore).containsExactly(true);
  }

  @Test
  void showsThatItLivesWhileNothingComes() {
    StreamedAnswer answer = answer(false);
    answer.heartbeat();
    answer.heartbeat();

    assertThat(answer.begun()).isCompleted();
    assertThat(drain(answer)).containsExactly(": waiting");
  }
}
