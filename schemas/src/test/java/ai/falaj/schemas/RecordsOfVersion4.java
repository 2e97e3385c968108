package ai.falaj.schemas;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What version 4 added: {@link RecordsOfVersion3} with its new symbols, and records of its new
 * topics, every field set. The files in {@code src/test/resources/schemas/v4} hold the same
 * records: leave these values and set no later field, so that those files still read as equal to
 * them.
 */
public final class RecordsOfVersion4 {

  private RecordsOfVersion4() {}

  public static CompletionChunk chunk() {
    return CompletionChunk.newBuilder(RecordsOfVersion2.chunk())
        .setFinishReason(FinishReason.TOOL_CALLS)
        .build();
  }

  public static Completion completion() {
    return Completion.newBuilder(RecordsOfVersion2.completion())
        .setFinishReason(FinishReason.TOOL_CALLS)
        .build();
  }

  public static DeadLetter deadLetter() {
    return DeadLetter.newBuilder(RecordsOfVersion3.deadLetter())
        .setErrorCode(ErrorCode.CONTENT_FILTERED)
        .build();
  }

  public static RouteUpdate routeUpdate() {
    return RouteUpdate.newBuilder()
        .setRoute("k2")
        .setTargets(List.of(new RouteTarget("k2", 90), new RouteTarget("k2-canary", 10)))
        .setShadows(List.of(new RouteShadow("gpt-oss", 2.5)))
        .setUpdatedAt(Records.NOON)
        .build();
  }

  public static ReasoningTrace trace() {
    Completion completion = RecordsOfVersion2.completion();
    return ReasoningTrace.newBuilder()
        .setRequestId("r-1")
        .setConversationId("c-1")
        .setTenant("tenant")
        .setQuestion("كم طول الفلج؟")
        .setOutcome(ReasoningOutcome.FAILED)
        .setErrorCode(ErrorCode.TIMEOUT)
        .setErrorMessage("no candidate was complete")
        .setSamples(2)
        .setSelection(AnswerSelection.MAJORITY)
        .setPlans(List.of(new ReasoningPlan(0, true, List.of("channels"), "measure it")))
        .setCandidates(
            List.of(
                new ReasoningCandidate(0, CandidateState.COMPLETE, "7 km", "think", "7"),
                new ReasoningCandidate(1, CandidateState.LATE, null, null, null)))
        .setFinalists(List.of(0, 1))
        .setVerdicts(List.of(new ReasoningVerdict(0, 1, 0, true, "clearer")))
        .setWinner(0)
        .setCalls(
            List.of(
                new ReasoningCall(
                    "r-1#0/2",
                    CallRole.SOLVE,
                    Instant.ofEpochMilli(1_700_000_000_456L),
                    FinishReason.STOP,
                    ErrorCode.RETRIES_EXHAUSTED,
                    "given up",
                    completion.getUsage(),
                    completion.getTimings(),
                    completion.getProvenance())))
        .setSoftTimeout(true)
        .setHardTimeout(true)
        .setTruncated(true)
        .setMetadata(Map.of("source", "ticket"))
        .setStartedAt(Instant.ofEpochMilli(1_700_000_000_123L))
        .setCompletedAt(Instant.ofEpochMilli(1_700_000_000_789L))
        .build();
  }
}
