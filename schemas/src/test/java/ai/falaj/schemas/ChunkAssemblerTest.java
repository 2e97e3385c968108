package ai.falaj.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkAssemblerTest {

  private final ChunkAssembler assembler = new ChunkAssembler("r1");

  @Test
  void appendsChunksThatComeInOrder() {
    assertThat(assembler.add(chunk(1, 0, 0, 1, "Good")).appended()).hasSize(1);
    assembler.add(chunk(1, 1, 1, 2, " morning"));

    assertThat(assembler.answer()).isEqualTo("Good morning");
    assertThat(assembler.tokens()).isEqualTo(3);
    assertThat(assembler.isComplete()).isFalse();
  }

  @Test
  void keepsReasoningApart() {
    assembler.add(chunk(1, 0, 0, 1, Channel.REASONING, "2+2 is 4", null));
    assembler.add(chunk(1, 1, 1, 1, Channel.ANSWER, "4", FinishReason.STOP));

    assertThat(assembler.reasoning()).isEqualTo("2+2 is 4");
    assertThat(assembler.answer()).isEqualTo("4");
    assertThat(assembler.finishReason()).contains(FinishReason.STOP);
  }

  @Test
  void ignoresRepeats() {
    assembler.add(chunk(1, 0, 0, 1, "a"));

    assertThat(assembler.add(chunk(1, 0, 0, 1, "a")).isNothing()).isTrue();
    assertThat(assembler.answer()).isEqualTo("a");
  }

  @Test
  void holdsChunksUntilTheMissingOneArrives() {
    assembler.add(chunk(1, 0, 0, 1, "a"));
    assertThat(assembler.add(chunk(1, 2, 2, 1, "c")).isNothing()).isTrue();

    ChunkAssembler.Update update = assembler.add(chunk(1, 1, 1, 1, "b"));

    assertThat(update.dropped()).isZero();
    assertThat(update.appended()).extracting(CompletionChunk::getText).containsExactly("b", "c");
    assertThat(assembler.answer()).isEqualTo("abc");
  }

  @Test
  void replacesEverythingFromTheOffsetOfAHigherAttempt() {
    assembler.add(chunk(1, 0, 0, 2, "one "));
    assembler.add(chunk(1, 1, 2, 1, "two "));
    assembler.add(chunk(1, 2, 3, 1, "three"));

    ChunkAssembler.Update update = assembler.add(chunk(2, 0, 2, 1, "2 "));

    assertThat(update.dropped()).isEqualTo(2);
    assertThat(update.appended()).extracting(CompletionChunk::getText).containsExactly("2 ");
    assertThat(assembler.answer()).isEqualTo("one 2 ");
    assertThat(assembler.attempt()).isEqualTo(2);
  }

  @Test
  void startsOverWhenAHigherAttemptDoes() {
    assembler.add(chunk(1, 0, 0, 2, "old"));
    assembler.add(chunk(2, 0, 0, 1, "new"));

    assertThat(assembler.answer()).isEqualTo("new");
    assertThat(assembler.tokens()).isEqualTo(1);
  }

  @Test
  void goesOnFromTheAttemptThatReachesJustToWhereAHigherOneStarts() {
    assembler.add(chunk(1, 0, 0, 3, "one "));
    assembler.add(chunk(1, 1, 3, 2, "two "));
    assembler.add(chunk(2, 0, 0, 4, "one t"));
    assertThat(assembler.answer()).isEqualTo("one t");

    assembler.add(chunk(3, 0, 5, 1, "three"));

    assertThat(assembler.answer()).isEqualTo("one two three");
  }

  @Test
  void prefersTheHighestAttemptThatReachesThere() {
    assembler.add(chunk(1, 0, 0, 2, "old "));
    assembler.add(chunk(2, 0, 0, 2, "new "));
    assembler.add(chunk(3, 0, 2, 1, "end"));

    assertThat(assembler.answer()).isEqualTo("new end");
  }

  @Test
  void ignoresLateChunksOfALowerAttempt() {
    assembler.add(chunk(1, 0, 0, 1, "a"));
    assembler.add(chunk(2, 0, 1, 1, "B"));

    assertThat(assembler.add(chunk(1, 1, 1, 1, "b")).isNothing()).isTrue();
    assertThat(assembler.answer()).isEqualTo("aB");
  }

  @Test
  void isNoLongerCompleteWhenAHigherAttemptBegins() {
    assembler.add(chunk(1, 0, 0, 1, Channel.ANSWER, "a", FinishReason.STOP));
    assertThat(assembler.isComplete()).isTrue();

    assembler.add(chunk(2, 0, 0, 1, "A"));

    assertThat(assembler.isComplete()).isFalse();
  }

  @Test
  void showsNothingOfAContinuationWhoseBeginningIsMissing() {
    assertThat(assembler.add(chunk(2, 0, 5, 1, "later")).isNothing()).isTrue();
    assertThat(assembler.answer()).isEmpty();
  }

  @Test
  void refusesChunksOfAnotherRequest() {
    CompletionChunk foreign = chunk(1, 0, 0, 1, "a");
    foreign.setRequestId("r2");

    assertThatThrownBy(() -> assembler.add(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a chunk of request r2, sample 0 was added to request r1, sample 0");
  }

  @Test
  void refusesChunksOfAnotherSample() {
    CompletionChunk second = chunk(1, 0, 0, 1, "a");
    second.setSample(1);

    assertThatThrownBy(() -> assembler.add(second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a chunk of request r1, sample 1 was added to request r1, sample 0");
  }

  @Test
  void listsWhatCounts() {
    CompletionChunk first = chunk(1, 0, 0, 1, "a");
    assembler.add(first);

    assertThat(assembler.chunks()).isEqualTo(List.of(first));
  }

  /** Two attempts sent as many tokens, but one of them held back the text of the last one. */
  @Test
  void anAttemptThatFollowsAnOlderOneOutdatesThoseInBetween() {
    List<CompletionChunk> chunks =
        List.of(
            chunk(3, 0, 0, 3, Channel.ANSWER, "one two", null),
            chunk(4, 0, 0, 2, Channel.ANSWER, "one two", null),
            chunk(4, 1, 2, 1, Channel.ANSWER, " three", null),
            following(3, chunk(6, 0, 3, 0, Channel.ANSWER, " three", FinishReason.STOP)));
    ChunkAssembler inOrder = new ChunkAssembler("r1");
    chunks.forEach(inOrder::add);
    assertThat(inOrder.answer()).isEqualTo("one two three");
    assertThat(inOrder.isComplete()).isTrue();

    ChunkAssembler withoutTheFollowed = new ChunkAssembler("r1");
    chunks.subList(1, 4).forEach(withoutTheFollowed::add);
    assertThat(withoutTheFollowed.answer()).as("waits for attempt 3").isEqualTo("one two three");
    assertThat(withoutTheFollowed.isComplete()).isFalse();
  }

  private static CompletionChunk following(int attempt, CompletionChunk chunk) {
    return CompletionChunk.newBuilder(chunk).setFollowsAttempt(attempt).build();
  }

  private static CompletionChunk chunk(
      int attempt, int sequence, int tokenOffset, int tokenCount, String text) {
    return chunk(attempt, sequence, tokenOffset, tokenCount, Channel.ANSWER, text, null);
  }

  static CompletionChunk chunk(
      int attempt,
      int sequence,
      int tokenOffset,
      int tokenCount,
      Channel channel,
      String text,
      FinishReason finishReason) {
    return new CompletionChunk(
        "r1",
        attempt,
        sequence,
        tokenOffset,
        tokenCount,
        channel,
        text,
        finishReason,
        Instant.EPOCH,
        0,
        0);
  }
}
