package ai.falaj.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.text.Oracles.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReasoningSplitterTest {

  @Test
  void splitsK2ThinksReasoningAndTaggedAnswer() {
    assertSplit("<think>2 and 2</think><answer>4</answer>", "2 and 2", "4");
  }

  @Test
  void splitsReasoningAndUntaggedAnswer() {
    assertSplit("<think>\n2 and 2\n</think>\n\nIt is 4.\n", "2 and 2", "It is 4.\n");
  }

  @Test
  void aTextWithoutReasoningIsAnswerThroughout() {
    assertSplit("It is 4.", "", "It is 4.");
    assertSplit("  indented\n", "", "  indented\n");
    assertSplit("", "", "");
    assertSplit(" \n", "", " \n");
  }

  @Test
  void tagsInsideAPlainAnswerAreItsText() {
    assertSplit("Use <answer>x</answer> or <think>.", "", "Use <answer>x</answer> or <think>.");
    assertSplit("<answer>4</answer>", "", "<answer>4</answer>");
    assertSplit("<think>t</think>Write <answer>x</answer>", "t", "Write <answer>x</answer>");
  }

  @Test
  void reasoningThatIsNeverClosedIsReasoningToTheEnd() {
    assertSplit("<think>\nstill thinking ", "still thinking ", "");
    assertSplit("<think>", "", "");
    assertSplit("<think>\n", "", "");
  }

  @Test
  void anAnswerThatIsNeverClosedIsAnswerToTheEnd() {
    assertSplit("<think>t</think>\n<answer>\n4 and", "t", "4 and");
    assertSplit("<think>t</think>\n", "t", "");
  }

  @Test
  void startsInsideTheReasoningWhereThePromptOpenedIt() {
    assertThat(splitInside("\n2 and 2\n</think>\n<answer>4</answer>\n"))
        .isEqualTo(new Split("2 and 2", "4"));
    assertThat(splitInside("</think>4")).isEqualTo(new Split("", "4"));
    assertThat(splitInside("<thin air</think>4")).isEqualTo(new Split("<thin air", "4"));
  }

  @Test
  void forgivesASecondOpeningTagWhereThePromptOpenedTheReasoning() {
    assertThat(splitInside("\n<think>\n2 and 2</think>4")).isEqualTo(new Split("2 and 2", "4"));
  }

  @Test
  void emptyReasoningLeavesNoSegment() {
    assertThat(segments(new ReasoningSplitter(false), List.of("<think>\n\n</think>\n\n4")))
        .containsExactly(new TextSegment(Channel.ANSWER, "4"));
  }

  @Test
  void lookAlikesOfTagsAreText() {
    assertSplit("<thin air>", "", "<thin air>");
    assertSplit(" <thinking>", "", " <thinking>");
    assertSplit("<thin", "", "<thin");
    assertSplit("<<think>x", "", "<<think>x");
    assertSplit("<think>a </thin> b </ c <</think>4", "a </thin> b </ c <", "4");
    assertSplit("<think>a</think> <answers>", "a", "<answers>");
    assertSplit("<think>a</think><answer>1 </answe 2</answer>", "a", "1 </answe 2");
    assertSplit("<think>a </thi", "a </thi", "");
  }

  @Test
  void dropsWhiteSpaceAroundTagsOnly() {
    assertSplit(
        "\n <think>\n a  b\n\nc \n</think> \n <answer>\n x  y \n</answer>\n", "a  b\n\nc", "x  y");
  }

  @Test
  void textAfterTheClosedAnswerStillReachesTheReader() {
    assertSplit("<think>t</think><answer>4</answer> and <b> \n", "t", "4 and <b>");
  }

  @Test
  void keepsArabicAndEmojiWhole() {
    assertSplit("<think>أفكر 🤔 </think><answer> مرحبا 👋🏽</answer>", "أفكر 🤔", "مرحبا 👋🏽");
  }

  @Test
  void findsTagsWhereverTheyAreCut() {
    String text = "<think>أ 🤔 b</think>\n<answer>4 ✓</answer>\n";
    int length = text.codePointCount(0, text.length());
    for (int first = 0; first <= length; first++) {
      for (int second = first; second <= length; second++) {
        assertThat(split(false, Pieces.of(text, List.of(first, second - first))))
            .isEqualTo(new Split("أ 🤔 b", "4 ✓"));
      }
    }
  }

  @Test
  void showsTextAsSoonAsItCannotBelongToATag() {
    ReasoningSplitter splitter = new ReasoningSplitter(false);

    assertThat(splitter.append("<think>so ")).containsExactly(reasoning("so"));
    assertThat(splitter.append("</thin")).isEmpty();
    assertThat(splitter.append("gs>")).containsExactly(reasoning(" </things>"));
    assertThat(splitter.append("!</think>4")).containsExactly(reasoning("!"), answer("4"));
    assertThat(splitter.finish()).isEmpty();
  }

  @Test
  void knowsWhetherTheTextIsInsideTheReasoning() {
    ReasoningSplitter splitter = new ReasoningSplitter(false);

    assertThat(splitter.insideReasoning()).isFalse();
    splitter.append("<think>a");
    assertThat(splitter.insideReasoning()).isTrue();
    splitter.append("</think>");
    assertThat(splitter.insideReasoning()).isFalse();
    assertThat(new ReasoningSplitter(true).insideReasoning()).isTrue();
  }

  /** Two million pieces: anything that looks at the held text again takes hours here. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void endlessWhiteSpaceCostsNoMoreThanItsLength() {
    for (String start : List.of("", "<think>a", "<think>a</think>", "<think></think><answer>b")) {
      ReasoningSplitter splitter = new ReasoningSplitter(false);
      splitter.append(start);
      for (int count = 0; count < 500_000; count++) {
        assertThat(splitter.append("\n").isEmpty()).isTrue();
      }
    }
  }

  @Property(tries = 10_000)
  void anyCutsGiveTheSplitOfTheWhole(
      @ForAll("texts") String text,
      @ForAll boolean insideReasoning,
      @ForAll @Size(max = 40) List<@IntRange(max = 6) Integer> sizes) {
    assertThat(split(insideReasoning, Pieces.of(text, sizes)))
        .isEqualTo(Oracles.split(text, insideReasoning));
  }

  @Property(tries = 2_000)
  void noTagReachesTheTextOfAWellFormedCompletion(
      @ForAll("plainTexts") String reasoning,
      @ForAll("plainTexts") String answer,
      @ForAll boolean tagged,
      @ForAll @Size(max = 40) List<@IntRange(max = 6) Integer> sizes) {
    String text =
        "<think>" + reasoning + "</think>" + (tagged ? "<answer>" + answer + "</answer>" : answer);

    assertThat(split(false, Pieces.of(text, sizes)))
        .isEqualTo(new Split(reasoning.strip(), tagged ? answer.strip() : answer.stripLeading()));
  }

  @Provide
  Arbitrary<String> texts() {
    return joined(
        "<think>",
        "</think>",
        "<answer>",
        "</answer>",
        "<",
        "</",
        "<thi",
        "nk>",
        "</thi",
        "<ans",
        "wer>",
        "</answe",
        "/",
        ">",
        " ",
        "\n",
        "a",
        "م",
        "😀");
  }

  @Provide
  Arbitrary<String> plainTexts() {
    return joined("<", "</", "thi", "<b>", "answer", " ", "\n", "a", "مرحبا", "😀");
  }

  private static Arbitrary<String> joined(String... parts) {
    return Arbitraries.of(parts).list().ofMaxSize(14).map(list -> String.join("", list));
  }

  /** In one piece, and by code points. */
  private static void assertSplit(String text, String reasoning, String answer) {
    assertThat(split(false, List.of(text))).isEqualTo(new Split(reasoning, answer));
    assertThat(split(false, Pieces.codePoints(text))).isEqualTo(new Split(reasoning, answer));
  }

  private static Split splitInside(String text) {
    Split split = split(true, List.of(text));
    assertThat(split(true, Pieces.codePoints(text))).isEqualTo(split);
    return split;
  }

  private static Split split(boolean insideReasoning, List<String> pieces) {
    List<TextSegment> segments = segments(new ReasoningSplitter(insideReasoning), pieces);
    return new Split(join(segments, Channel.REASONING), join(segments, Channel.ANSWER));
  }

  private static List<TextSegment> segments(ReasoningSplitter splitter, List<String> pieces) {
    List<TextSegment> segments = new ArrayList<>();
    pieces.forEach(piece -> segments.addAll(splitter.append(piece)));
    segments.addAll(splitter.finish());
    assertThat(segments).allMatch(segment -> Pieces.hasWholeCodePoints(segment.text()));
    return segments;
  }

  private static String join(List<TextSegment> segments, Channel channel) {
    return segments.stream()
        .filter(segment -> segment.channel() == channel)
        .map(TextSegment::text)
        .collect(Collectors.joining());
  }

  private static TextSegment reasoning(String text) {
    return new TextSegment(Channel.REASONING, text);
  }

  private static TextSegment answer(String text) {
    return new TextSegment(Channel.ANSWER, text);
  }
}
