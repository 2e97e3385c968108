package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.Attempts;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswersTest {

  private static final long END_MS = GatherFixture.NOW_MS + 100;

  /** A problem whose second candidate won. */
  private static Problem judged(String... answers) throws Exception {
    ReasoningOptions options =
        ReasoningOptions.builder().samples(2).planning(Planning.NONE).build();
    SolveStep solve = new SolveStep(options);
    Problem problem = GatherFixture.problem("r1", options);
    Map<String, CallResult> results = new HashMap<>();
    List<Call> calls = solve.calls(problem);
    for (int i = 0; i < calls.size(); i++) {
      results.put(calls.get(i).id(), GatherFixture.answer(problem, calls.get(i), answers[i]));
    }
    Problem solved = solve.advance(problem, results, GatherFixture.NOW_MS + 50);
    JudgeStep judge = new JudgeStep(options, 1);
    Call compare = judge.calls(solved).get(0);
    return judge.advance(
        solved,
        Map.of(
            compare.id(),
            GatherFixture.answer(solved, compare, "{\"index\": 1, \"explanation\": \"b\"}")),
        GatherFixture.NOW_MS + 90);
  }

  @Test
  void theCompletionHasTheWinnersTextAndTheTokensOfAllCalls() throws Exception {
    Completion completion = Answers.completion(judged("first", "second"), END_MS).orElseThrow();

    assertThat(completion.getRequestId()).isEqualTo("r1");
    assertThat(completion.getAnswer()).isEqualTo("second");
    assertThat(completion.getReasoning()).isEqualTo("because");
    assertThat(completion.getFinishReason()).isEqualTo(FinishReason.STOP);
    assertThat(completion.getUsage()).isEqualTo(new Usage(30, 12, 6, 15));
    // Calls arrived 30 ms after the problem, their prefill began 3 ms and their text 7 ms later.
    assertThat(completion.getTimings()).isEqualTo(new Timings(33L, 37L, 100L));
    assertThat(completion.getMetadata()).isEqualTo(Map.of("origin", "test"));
    assertThat(completion.getTenant()).isEqualTo("tenant");
  }

  @Test
  void whoeverReadsChunksEndsWithTheCompletionsText() throws Exception {
    Problem problem = judged("first", "second");
    Completion completion = Answers.completion(problem, END_MS).orElseThrow();
    ChunkAssembler reader = new ChunkAssembler("r1");
    CompletionChunk early =
        CompletionChunk.newBuilder()
            .setRequestId("r1")
            .setAttempt(Attempts.firstAt(END_MS) + 3)
            .setSequence(0)
            .setTokenOffset(0)
            .setTokenCount(4)
            .setChannel(Channel.ANSWER)
            .setText("the first candidate")
            .setEmittedAt(Instant.ofEpochMilli(END_MS))
            .build();

    reader.add(early);
    assertThat(reader.answer()).isEqualTo("the first candidate");
    Answers.chunks(completion, Answers.winner(problem), END_MS).forEach(reader::add);

    assertThat(reader.answer()).isEqualTo("second");
    assertThat(reader.reasoning()).isEqualTo("because");
    assertThat(reader.finishReason()).contains(FinishReason.STOP);
  }

  @Test
  void theTraceHasAllTexts() throws Exception {
    ReasoningTrace trace = Answers.trace(judged("first", "second"), END_MS);

    assertThat(trace.getCandidates())
        .extracting(ReasoningCandidate::getAnswer)
        .containsExactly("first", "second");
    assertThat(trace.getWinner()).isEqualTo(1);
    assertThat(trace.getCalls()).hasSize(3);
    assertThat(new TraceSize().fitting(trace, 1 << 20)).isEqualTo(trace);
  }

  @Test
  void aLargeTraceLosesWhatIsLeastMissedFirst() throws Exception {
    ReasoningTrace trace = Answers.trace(judged("a".repeat(5_000), "b".repeat(5_000)), END_MS);

    ReasoningTrace withoutLoser = new TraceSize().fitting(trace, 8_000);
    assertThat(withoutLoser.getTruncated()).isTrue();
    assertThat(withoutLoser.getCandidates())
        .extracting(candidate -> Optional.ofNullable(candidate.getAnswer()).map(String::length))
        .containsExactly(Optional.empty(), Optional.of(5_000));
    assertThat(withoutLoser.getVerdicts()).hasSize(1);
    ReasoningTrace bare = new TraceSize().fitting(trace, 100);
    assertThat(bare.getVerdicts()).isEmpty();
    assertThat(bare.getWinner()).isEqualTo(1);
  }
}
