package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReasoningTagsTest {

  @Test
  void knowsWhetherTheVocabularyWasMadeForReasoning() {
    assertThat(new ReasoningTags(new FakeTokens("<think>", "</think>")).inVocabulary()).isTrue();
    assertThat(new ReasoningTags(new FakeTokens("think", "</")).inVocabulary()).isFalse();
  }

  @Test
  void closesWithTheTokensThatTheVocabularyHas() {
    FakeTokens tokens = new FakeTokens("</think>", "\n\n");
    assertThat(new ReasoningTags(tokens).closing(0))
        .containsExactly(tokens.id("\n"), tokens.id("</think>"), tokens.id("\n\n"));
  }

  @Test
  void finishesATagThatIsHalfWritten() {
    FakeTokens tokens = new FakeTokens("</", "think", ">\n\n", "\n</");
    ReasoningTags tags = new ReasoningTags(tokens);
    assertThat(tags.closing(2)).containsExactly(tokens.id("think"), tokens.id(">\n\n"));
    assertThat(tags.nextOfClosing(2)).isEqualTo(tokens.id("think"));
    assertThat(tags.nextOfOpening(1)).isEqualTo(tokens.id("think"));
    assertThat(tags.nextOfClosing(7)).isEqualTo(tokens.id(">"));
  }

  @Test
  void opensWithTheTokensThatBeginTheTag() {
    FakeTokens tokens = new FakeTokens("<think>", "<think>\n");
    assertThat(new ReasoningTags(tokens).openers())
        .containsExactlyInAnyOrder(tokens.id("<think>"), tokens.id("<think>\n"));
  }

  /** As SentencePiece does with a text that it takes for the beginning of one. */
  @Test
  void aVocabularyThatPutsASpaceBeforeEveryTextClosesWithTheWholeTag() {
    FakeTokens tokens = new FakeTokens(" ", "think", "</think>", "\n\n");
    ReasoningTags tags = new ReasoningTags(new SpacePrefixing(tokens));
    int[] whole = tokens.tokenize(" \n</think>\n\n", false, true);
    assertThat(tags.closing(0)).isEqualTo(whole);
    assertThat(tags.closing(4)).isEqualTo(whole);
    assertThat(tags.canFinishOpening(1)).isFalse();
    assertThat(tags.openers()).isEmpty();
  }

  @Test
  void refusesAVocabularyThatCannotWriteTheTag() {
    TokenTable mute = new FixedSplit(new FakeTokens("?"), new int[] {0});
    assertThatThrownBy(() -> new ReasoningTags(mute))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("</think>")
        .hasMessageContaining(Arrays.toString(new int[] {0}));
  }

  private record SpacePrefixing(FakeTokens tokens) implements TokenTable {
    @Override
    public int size() {
      return tokens.size();
    }

    @Override
    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
      return tokens.tokenize(" " + text, addSpecial, parseSpecial);
    }

    @Override
    public byte[] piece(int token) {
      return tokens.piece(token);
    }

    @Override
    public String text(int token) {
      return tokens.text(token);
    }

    @Override
    public boolean isEndOfGeneration(int token) {
      return tokens.isEndOfGeneration(token);
    }

    @Override
    public boolean containsControlText(String text) {
      return false;
    }
  }

  private record FixedSplit(FakeTokens tokens, int[] split) implements TokenTable {
    @Override
    public int size() {
      return tokens.size();
    }

    @Override
    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
      return split;
    }

    @Override
    public byte[] piece(int token) {
      return tokens.piece(token);
    }

    @Override
    public String text(int token) {
      return tokens.text(token);
    }

    @Override
    public boolean isEndOfGeneration(int token) {
      return tokens.isEndOfGeneration(token);
    }

    @Override
    public boolean containsControlText(String text) {
      return false;
    }
  }
}
