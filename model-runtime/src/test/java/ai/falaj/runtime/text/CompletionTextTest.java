package ai.falaj.runtime.text;

import static java.nio.charset.StandardCharsets.UTF_8;
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

class CompletionTextTest {

  @Test
  void keepsReasoningAndAnswerApart() {
    CompletionText text = new CompletionText(List.of(), false);
    append(text, "<think>", "two", " twos", "</think>", "<answer>", "4", "</answer>");
    text.finish();

    assertThat(text.reasoning()).isEqualTo("two twos");
    assertThat(text.answer()).isEqualTo("4");
    assertThat(text.stopped()).isFalse();
  }

  @Test
  void aStopStringEndsReasoningToo() {
    CompletionText text = new CompletionText(List.of("STOP"), true);
    append(text, "I thinkST", "OP</think>4");

    assertThat(text.stopped()).isTrue();
    assertThat(text.finish()).isEmpty();
    assertThat(text.reasoning()).isEqualTo("I think");
    assertThat(text.answer()).isEmpty();
  }

  @Test
  void aStopStringMayBeATag() {
    CompletionText text = new CompletionText(List.of("</think>"), false);
    append(text, "<think>plan", "</th", "ink>", "4");
    text.finish();

    assertThat(text.stopped()).isTrue();
    assertThat(text.reasoning()).isEqualTo("plan");
    assertThat(text.answer()).isEmpty();
  }

  @Test
  void finishReleasesWhatEachStageHoldsBackOnce() {
    CompletionText text = new CompletionText(List.of("\n\n"), true);
    append(text, "a </think");
    text.append(new byte[] {'\n', (byte) 0xd9});

    assertThat(text.finish())
        .containsExactly(
            new TextSegment(Channel.REASONING, " </think"),
            new TextSegment(Channel.REASONING, "\n"));
    assertThat(text.finish()).isEmpty();
    assertThat(text.reasoning()).isEqualTo("a </think\n");
  }

  @Test
  void countsTheTokensOfReasoningAndItsTagsHoweverTheTagsAreCut() {
    assertThat(reasoningTokens(false, "<think>", "a", "b", "</think>", "4")).isEqualTo(4);
    assertThat(reasoningTokens(false, "<", "think", ">", "a", "</", "think", ">\n", "4"))
        .isEqualTo(7);
    assertThat(reasoningTokens(false, "\n", "<think>a</think>4", "5")).isEqualTo(2);
    assertThat(reasoningTokens(true, "a", "</think>", "4")).isEqualTo(2);
    assertThat(reasoningTokens(false, "<think>", "a")).isEqualTo(2);
    assertThat(reasoningTokens(true)).isZero();
  }

  @Test
  void countsNoReasoningTokensInAPlainAnswer() {
    assertThat(reasoningTokens(false, "<", "thin", " air>", "4")).isZero();
    assertThat(reasoningTokens(false, "<", "think")).isZero();
    assertThat(reasoningTokens(false, "4")).isZero();
  }

  /** A stage that looks at the whole text again for every token takes hours here. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aLongAnswerCostsNoMoreThanItsLength() {
    CompletionText text = new CompletionText(List.of("\n\nUser:", "word word!"), false);
    append(text, "<think>");
    for (int token = 0; token < 500_000; token++) {
      append(text, " word");
    }
    append(text, "</think>");
    for (int token = 0; token < 500_000; token++) {
      append(text, "\n");
      append(text, "word");
    }
    text.finish();

    assertThat(text.reasoning()).hasSize(500_000 * 5 - 1);
    assertThat(text.answer()).hasSize(500_000 * 5 - 1);
    assertThat(text.reasoningTokens()).isEqualTo(500_002);
  }

  @Property(tries = 5_000)
  void anyCutsGiveTheTextOfTheWhole(
      @ForAll("texts") String whole,
      @ForAll("stops") List<String> stops,
      @ForAll boolean insideReasoning,
      @ForAll @Size(max = 40) List<@IntRange(max = 6) Integer> sizes) {
    CompletionText text = new CompletionText(stops, insideReasoning);
    List<TextSegment> segments = new ArrayList<>();
    for (byte[] piece : Pieces.of(whole.getBytes(UTF_8), sizes)) {
      segments.addAll(text.append(piece));
    }
    segments.addAll(text.finish());

    assertThat(new Split(text.reasoning(), text.answer()))
        .isEqualTo(Oracles.split(Oracles.untilStop(whole, stops), insideReasoning));
    assertThat(segments).allMatch(segment -> Pieces.hasWholeCodePoints(segment.text()));
    assertThat(join(segments, Channel.REASONING)).isEqualTo(text.reasoning());
    assertThat(join(segments, Channel.ANSWER)).isEqualTo(text.answer());
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "<think>",
            "</think>",
            "<answer>",
            "</answer>",
            "<",
            "</",
            " ",
            "\n",
            "a",
            "b",
            "م",
            "😀")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<List<String>> stops() {
    return Arbitraries.of("ab", "abم", "\n\n", "<a", "b😀", "😀😀a", "never").list().ofMaxSize(3);
  }

  private static int reasoningTokens(boolean insideReasoning, String... tokens) {
    CompletionText text = new CompletionText(List.of(), insideReasoning);
    append(text, tokens);
    text.finish();
    return text.reasoningTokens();
  }

  private static void append(CompletionText text, String... tokens) {
    for (String token : tokens) {
      text.append(token.getBytes(UTF_8));
    }
  }

  private static String join(List<TextSegment> segments, Channel channel) {
    return segments.stream()
        .filter(segment -> segment.channel() == channel)
        .map(TextSegment::text)
        .collect(Collectors.joining());
  }
}
