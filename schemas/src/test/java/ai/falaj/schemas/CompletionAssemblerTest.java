package ai.falaj.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CompletionAssemblerTest {

  private final CompletionAssembler assembler = new CompletionAssembler("r1", 2);

  @Test
  void keepsSamplesApartThatAreWrittenSideBySide() {
    assembler.add(chunk(0, 1, 0, 0, "one"));
    assembler.add(chunk(1, 1, 0, 0, "eins"));
    ChunkAssembler.Update update = assembler.add(chunk(0, 1, 1, 1, " two"));

    assertThat(update.appended()).extracting(CompletionChunk::getText).containsExactly(" two");
    assertThat(assembler.sample(0).answer()).isEqualTo("one two");
    assertThat(assembler.sample(1).answer()).isEqualTo("eins");
    assertThat(assembler.tokens()).isEqualTo(3);
  }

  @Test
  void aHigherAttemptReplacesItsOwnSampleOnly() {
    assembler.add(chunk(0, 1, 0, 0, "old"));
    assembler.add(chunk(1, 1, 0, 0, "alt"));

    assertThat(assembler.add(chunk(1, 2, 0, 0, "neu")).dropped()).isEqualTo(1);
    assertThat(assembler.sample(0).answer()).isEqualTo("old");
    assertThat(assembler.sample(1).answer()).isEqualTo("neu");
  }

  @Test
  void isCompleteWhenEachSampleIs() {
    assembler.add(last(chunk(1, 1, 0, 0, "b")));
    assertThat(assembler.isComplete()).isFalse();

    assembler.add(last(chunk(0, 1, 0, 0, "a")));
    assertThat(assembler.isComplete()).isTrue();
  }

  @Test
  void refusesSamplesThatNobodyAskedFor() {
    assertThatThrownBy(() -> assembler.add(chunk(2, 1, 0, 0, "c")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sample is 2 and request r1 asked for 2");
    assertThatThrownBy(() -> new CompletionAssembler("r1", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("samples is 0; it must be 1 or more");
  }

  private static CompletionChunk chunk(
      int sample, int attempt, int sequence, int offset, String text) {
    CompletionChunk chunk =
        ChunkAssemblerTest.chunk(attempt, sequence, offset, 1, Channel.ANSWER, text, null);
    chunk.setSample(sample);
    return chunk;
  }

  private static CompletionChunk last(CompletionChunk chunk) {
    chunk.setFinishReason(FinishReason.STOP);
    return chunk;
  }
}
