package ai.falaj.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.demo.DemoState.Pane;
import ai.falaj.schemas.FinishReason;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class DemoViewTest {

  private final RequestTracker tracker = new RequestTracker();
  private final BatchSeries batches = new BatchSeries("batch", OptionalDouble::empty);
  private final DemoView view = new DemoView("m", tracker, batches);

  @Test
  void givesPanesInTheOrderInWhichTextBegins() {
    send("a", "b", "c");
    chunk("b", 0, 10);
    chunk("a", 0, 20);

    assertThat(view.state(20).panes()).extracting(Pane::label).containsExactly("b", "a");
  }

  @Test
  void givesAPaneOnOnceItsTextWasReadable() {
    for (int i = 0; i <= DemoView.PANES; i++) {
      send("r" + i);
      chunk("r" + i, 0, 0);
    }
    complete("r2", 100);
    assertThat(labels(100)).doesNotContain("r6");
    assertThat(labels(100 + DemoView.READABLE_MS - 1)).doesNotContain("r6");

    assertThat(labels(100 + DemoView.READABLE_MS))
        .containsExactly("r0", "r1", "r6", "r3", "r4", "r5");
  }

  @Test
  void keepsWhatEndedOnShowWhileNobodyWantsThePane() {
    send("a");
    chunk("a", 0, 0);
    complete("a", 10);

    assertThat(labels(60_000)).containsExactly("a");
  }

  @Test
  void countsWhatIsGoingOn() {
    send("a", "b", "c", "d");
    chunk("a", 0, 500);
    chunk("a", 1, 1_000);
    chunk("b", 0, 1_500);
    complete("b", 1_500);
    tracker.deadLetter(Records.deadLetter("c"), 1_500);

    DemoState state = view.state(1_500);

    assertThat(state.sent()).isEqualTo(4);
    assertThat(state.answered()).isEqualTo(2);
    assertThat(state.deadLettered()).isEqualTo(1);
    assertThat(state.streaming()).isEqualTo(1);
    assertThat(state.elapsedMs()).isEqualTo(1_500);
    assertThat(state.tokensPerSecond()).isEqualTo(2.0);
  }

  @Test
  void knowsWhatIsMissingAndWhatCameTwice() {
    send("a", "b");
    complete("a", 10);
    complete("a", 20);
    complete("foreign", 20);

    assertThat(tracker.allAnswered()).isFalse();
    assertThat(tracker.unanswered()).extracting(TrackedRequest::id).containsExactly("b");
    assertThat(tracker.answeredMoreThanOnce()).extracting(TrackedRequest::id).containsExactly("a");
  }

  @Test
  void measuresTheTimeToTheFirstTextThatCounts() {
    send("a");
    tracker.chunk(Records.chunk("a", 1, "later"), 300);
    assertThat(tracker.find("a").orElseThrow().timeToFirstTextMs()).isEmpty();

    tracker.chunk(Records.chunk("a", 0, "first"), 450);

    assertThat(tracker.find("a").orElseThrow().timeToFirstTextMs()).hasValue(450);
    assertThat(tracker.completionTokensSeen()).isEqualTo(2);
  }

  @Test
  void refusesToSendAnIdTwice() {
    send("a");
    assertThatThrownBy(() -> send("a")).hasMessage("a was sent before");
  }

  private List<String> labels(long nowMs) {
    return view.state(nowMs).panes().stream().map(Pane::label).toList();
  }

  private void send(String... ids) {
    for (String id : ids) {
      tracker.sent(Records.prompt(id, "write"), id, 0);
    }
  }

  private void chunk(String id, int sequence, long nowMs) {
    tracker
        .chunk(Records.chunk(id, sequence, "x"), nowMs)
        .ifPresent(request -> view.changed(request, nowMs));
  }

  private void complete(String id, long nowMs) {
    tracker
        .completion(Records.completion(id, "x", FinishReason.STOP), nowMs)
        .ifPresent(request -> view.changed(request, nowMs));
  }
}
