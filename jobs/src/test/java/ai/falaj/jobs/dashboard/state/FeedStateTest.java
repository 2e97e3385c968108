package ai.falaj.jobs.dashboard.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.falaj.jobs.dashboard.feed.FeedKind;
import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.feed.FeedRecord.Content;
import ai.falaj.jobs.dashboard.view.ChunkBatchView;
import ai.falaj.jobs.dashboard.view.RequestRow;
import ai.falaj.jobs.dashboard.view.RequestState;
import ai.falaj.jobs.dashboard.view.TenantsView;
import ai.falaj.jobs.dashboard.view.TraceView;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

class FeedStateTest {

  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final long NOW_MS = NOON.toEpochMilli() + 5_000;

  private final FeedState state = new FeedState(true);

  private static FeedRecord record(FeedKind kind, long offset, SpecificRecord value) {
    return new FeedRecord(
        kind,
        kind.label(),
        0,
        offset,
        NOW_MS,
        Optional.empty(),
        Optional.empty(),
        new Content.Decoded(value));
  }

  private static FeedRecord prompt(String id, String tenant, long offset) {
    return record(
        FeedKind.PROMPTS,
        offset,
        PromptRequest.newBuilder()
            .setRequestId(id)
            .setTenant(tenant)
            .setMessages(
                List.of(ChatMessage.newBuilder().setRole("user").setContent("secret?").build()))
            .setCreatedAt(NOON)
            .build());
  }

  private static FeedRecord chunk(String id, int attempt, int offset, String text) {
    return record(
        FeedKind.CHUNKS,
        0,
        new CompletionChunk(
            id, attempt, offset, offset, 1, Channel.ANSWER, text, null, NOON, 0, 0));
  }

  private static FeedRecord completion(String id, String tenant, String answer) {
    return record(
        FeedKind.COMPLETIONS,
        3,
        Completion.newBuilder()
            .setRequestId(id)
            .setTenant(tenant)
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
            .setCompletedAt(NOON.plusSeconds(1))
            .build());
  }

  private static FeedRecord letter(String id, long promptOffset) {
    return record(
        FeedKind.DEAD_LETTERS,
        9,
        DeadLetter.newBuilder()
            .setRequestId(id)
            .setValue(ByteBuffer.allocate(0))
            .setSourceTopic("prompts")
            .setSourcePartition(0)
            .setSourceOffset(promptOffset)
            .setErrorCode(ErrorCode.TIMEOUT)
            .setMessage("too late")
            .setFailedAt(NOON.plusSeconds(2))
            .build());
  }

  private void apply(FeedRecord... records) {
    state.apply(List.of(records), NOW_MS);
  }

  private RequestRow row(String id) {
    return state.trace(id, true).orElseThrow().request();
  }

  @Test
  void followsARequestFromItsPromptToItsCompletion() {
    apply(prompt("r", "acme", 0));
    assertThat(row("r").state()).isEqualTo(RequestState.QUEUED);

    apply(chunk("r", 1, 0, "Go"), chunk("r", 1, 1, "od"));
    assertThat(row("r").state()).isEqualTo(RequestState.DECODING);
    assertThat(state.running(10).running())
        .singleElement()
        .satisfies(running -> assertThat(running.tokens()).isEqualTo(2));

    apply(completion("r", "acme", "Good"));
    assertThat(row("r").state()).isEqualTo(RequestState.COMPLETED);
    assertThat(state.running(10).running()).isEmpty();
    assertThat(state.text("r", 0, "answer")).hasValue("Good");
  }

  @Test
  void endsAlikeInWhateverOrderTopicsAreRead() {
    List<FeedRecord> records =
        new ArrayList<>(
            List.of(
                prompt("a", "acme", 0),
                prompt("b", "beta", 1),
                chunk("a", 1, 0, "x"),
                completion("a", "acme", "x"),
                letter("b", 1)));
    Random random = new Random(5);
    for (int order = 0; order < 60; order++) {
      Collections.shuffle(records, random);
      FeedState shuffled = new FeedState(true);
      shuffled.apply(records, NOW_MS);

      assertThat(shuffled.trace("a", true).orElseThrow().request().state())
          .isEqualTo(RequestState.COMPLETED);
      assertThat(shuffled.trace("b", true).orElseThrow().request().state())
          .isEqualTo(RequestState.DEAD_LETTERED);
      assertThat(shuffled.tenants().tenants())
          .extracting(TenantsView.Tenant::tenant, TenantsView.Tenant::deadLetters)
          .containsExactlyInAnyOrder(tuple("acme", 0L), tuple("beta", 1L));
    }
  }

  @Test
  void waitsAgainForAPromptThatIsSentOnceMore() {
    apply(prompt("r", null, 4), letter("r", 4));
    assertThat(row("r").errorCode()).isEqualTo("TIMEOUT");

    apply(prompt("r", null, 5));

    assertThat(row("r").state()).isEqualTo(RequestState.QUEUED);
    assertThat(row("r").errorCode()).isNull();
  }

  @Test
  void numbersAttemptsInTheirOrderWhateverTheirNumbersAre() {
    apply(chunk("r", 113_167_753, 0, "Bad"), chunk("r", 113_200_000, 0, "Good"));

    TraceView trace = state.trace("r", true).orElseThrow();

    assertThat(trace.attempts()).extracting(TraceView.Attempt::attempt).containsExactly(1, 2);
    assertThat(state.running(1).running().get(0).attempt()).isEqualTo(2);
    assertThat(state.text("r", 0, "answer")).hasValue("Good");
  }

  @Test
  void tellsPagesWhereAnAttemptReplacesText() {
    StringBuilder shown = new StringBuilder();
    List<FeedRecord> records =
        List.of(
            chunk("r", 1, 0, "Good "),
            chunk("r", 1, 1, "evening"),
            chunk("r", 2, 0, "Bye"),
            chunk("r", 2, 1, "!"));
    for (FeedRecord record : records) {
      apply(record);
      for (ChunkBatchView.Entry entry : state.takeBatch().chunks().chunks()) {
        shown.setLength(entry.at().answer());
        shown.append(entry.append().answer());
      }
    }

    assertThat(shown.toString()).isEqualTo("Bye!").isEqualTo(state.text("r", 0, "answer").get());
    assertThat(state.takeBatch().chunks().chunks()).isEmpty();
  }

  @Test
  void keepsNoTextWhereTextsAreHidden() {
    FeedState hidden = new FeedState(false);
    hidden.apply(
        List.of(prompt("r", "acme", 0), chunk("r", 1, 0, "hush"), completion("r", "acme", "hush")),
        NOW_MS);

    TraceView trace = hidden.trace("r", true).orElseThrow();

    assertThat(trace.samples().get(0).answer().characters()).isEqualTo(4);
    assertThat(trace.toString()).doesNotContain("hush", "secret?");
    assertThat(hidden.takeBatch().toString()).doesNotContain("hush");
    assertThat(hidden.text("r", 0, "answer")).isEmpty();
  }

  @Test
  void forgetsTheOldestRequestsAndTextsFirst() {
    FeedState small = new FeedState(true, new RequestTable.Limits(10, 100, 1_000));
    for (int number = 0; number < 30; number++) {
      small.apply(List.of(completion("r" + number, "t", "x".repeat(20))), NOW_MS);
    }

    assertThat(small.search("", Optional.empty(), 100))
        .hasSize(10)
        .first()
        .satisfies(newest -> assertThat(newest.requestId()).isEqualTo("r29"));
    assertThat(small.knows("r19")).isFalse();
    assertThat(small.text("r29", 0, "answer")).hasValue("x".repeat(20));
    assertThat(small.text("r20", 0, "answer")).isEmpty();
  }

  @Test
  void boundsTheNamesOfClientsAndHowManyTenantsThereAre() {
    String hostile = "<img src=x>".repeat(10_000);
    for (int tenant = 0; tenant < 300; tenant++) {
      apply(completion("r" + tenant, "tenant " + tenant, "x"));
    }
    apply(completion("hostile", hostile, "x"));

    assertThat(row("hostile").tenant()).hasSizeLessThan(257).startsWith("<img src=x>");
    assertThat(state.tenants().tenants())
        .hasSizeLessThanOrEqualTo(TenantTable.MOST_TENANTS + 1)
        .anyMatch(tenant -> tenant.tenant().equals(TenantTable.OTHERS) && tenant.requests() == 101);
  }

  @Test
  void countsWhatItCannotRead() {
    apply(
        new FeedRecord(
            FeedKind.CHUNKS,
            "chunks",
            0,
            0,
            NOW_MS,
            Optional.empty(),
            Optional.empty(),
            new Content.Undecodable()));

    assertThat(state.overview(NOW_MS, 1).totals().undecodable()).isEqualTo(1);
  }
}
