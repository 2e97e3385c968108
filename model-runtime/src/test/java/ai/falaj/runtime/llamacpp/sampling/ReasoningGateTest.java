package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.text.CompletionText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;
import org.junit.jupiter.api.Test;

/**
 * A model that wants to write one text, token by token, and a gate in its way: what is written in
 * the end?
 */
class ReasoningGateTest {

  private static final int MOST_TOKENS = 200;

  /** As in Qwen3's vocabulary: tags are tokens. */
  private static final FakeTokens ONE_TOKEN_TAGS =
      new FakeTokens("<think>", "</think>", "\n\n", "\n", "hm ", "yes", "no", "\"");

  /** As in Qwen2.5's, K2 Think's: tags are several tokens, the last one with what follows. */
  private static final FakeTokens SPLIT_TAGS =
      new FakeTokens(
          "<", "</", "think", ">", ">\n", ">\n\n", "\n</", ">y", " <", "hm ", "yes", "no");

  private static final List<FakeTokens> VOCABULARIES = List.of(ONE_TOKEN_TAGS, SPLIT_TAGS);

  private final List<FakeConstraint> constraints = new ArrayList<>();

  @Test
  void aModelThatDoesNotReasonIsConstrainedFromTheFirstToken() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.ABSENT).constrainedTo("yes", "no");
      assertThat(model.write("<think>hm</think>no")).isIn("yes<end>", "no<end>");
      assertThat(model.write("no")).isEqualTo("no<end>");
    }
  }

  @Test
  void aPromptInsideReasoningConstrainsTheAnswerOnly() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.OPEN).constrainedTo("yes", "no");
      assertThat(model.write("hm < hm </thin hm </think>\n\nno"))
          .isEqualTo("hm < hm </thin hm </think>\n\nno<end>");
    }
  }

  @Test
  void aModelThatMayReasonIsConstrainedAfterItDid() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.POSSIBLE).constrainedTo("yes", "no");
      assertThat(model.write("<think>\nhm maybe {}</think>\n\nno"))
          .isEqualTo("<think>\nhm maybe {}</think>\n\nno<end>");
    }
  }

  @Test
  void aModelThatMayReasonButDoesNotIsConstrainedFromTheFirstToken() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.POSSIBLE).constrainedTo("yes", "no");
      assertThat(model.write("no")).isEqualTo("no<end>");
    }
  }

  @Test
  void whereNeitherReasoningNorAnswerBeginsOneOfThemIsMadeTo() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.POSSIBLE).constrainedTo("yes", "no");
      assertThat(model.write("\n\nI say no")).matches("(?s)(<think>.*</think>\\s*)?(yes|no)<end>");
    }
  }

  @Test
  void whiteSpaceBeforeAnAnswerWithoutReasoningBelongsToTheAnswer() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.POSSIBLE).constrainedTo("\nno");
      assertThat(model.write("\nno")).isEqualTo("\nno<end>");
    }
  }

  @Test
  void whiteSpaceThatTheConstraintAllowsMayStillBeFollowedByReasoning() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.POSSIBLE).constrainedTo("\nno");
      assertThat(model.write("\n<think>hm</think>\nno")).startsWith("\n<think>hm</think>\n");
      assertThat(constraints).hasSizeGreaterThan(1);
      assertThat(constraints.get(0).isClosed()).isTrue();
    }
  }

  @Test
  void anAnswerThatLooksLikeATagAtFirstIsAnAnswer() {
    Model model = new Model(SPLIT_TAGS, ReasoningMode.POSSIBLE).constrainedTo("<thin", "<b>");
    assertThat(model.write("<b>")).isEqualTo("<b><end>");
  }

  @Test
  void aTagThatWasBegunIsFinishedWhereTheAnswerCannotBeginLikeThat() {
    Model model = new Model(SPLIT_TAGS, ReasoningMode.POSSIBLE).constrainedTo("yes", "no");
    assertThat(model.write("<b>no")).startsWith("<think>");
    assertThat(model.write(" <b>no")).startsWith(" <think>");
  }

  @Test
  void aTokenThatClosesAndBeginsTheAnswerIsReplacedByOneThatOnlyCloses() {
    Model model = new Model(SPLIT_TAGS, ReasoningMode.OPEN).constrainedTo("yes", "no");
    // The longest token for ">yes" is ">y".
    assertThat(model.write("hm</think>yes")).startsWith("hm</think>").endsWith("yes<end>");
  }

  @Test
  void aModelThatEndsItsTurnInsideReasoningIsMadeToAnswer() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.OPEN).constrainedTo("yes");
      assertThat(model.write("hm")).isEqualTo("hm</think>yes<end>");
      assertThat(new Model(tokens, ReasoningMode.OPEN).write("hm")).isEqualTo("hm<end>");
    }
  }

  @Test
  void whiteSpaceBetweenReasoningAndAnswerIsOutsideTheConstraintButNotForever() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.OPEN).constrainedTo("yes");
      assertThat(model.write("</think>\n\n \nyes")).isEqualTo("</think>\n\n \nyes<end>");
      String written = model.write("</think>" + " ".repeat(100) + "yes");
      assertThat(written).endsWith("yes<end>").hasSizeLessThan(40);
    }
  }

  @Test
  void aBudgetClosesTheReasoningAfterThatManyTokens() {
    for (FakeTokens tokens : VOCABULARIES) {
      for (int budget = 0; budget < 8; budget++) {
        String hm = "hm ".repeat(budget);
        assertThat(new Model(tokens, ReasoningMode.OPEN).budget(budget).write("hm ".repeat(50)))
            .startsWith(hm + "\n</think>\n\nhm");
        assertThat(
                new Model(tokens, ReasoningMode.POSSIBLE)
                    .budget(budget)
                    .write("<think>" + "hm ".repeat(50)))
            .startsWith("<think>" + hm + "\n</think>\n\nhm");
      }
    }
  }

  @Test
  void aConstraintFollowsAReasoningThatTheBudgetClosed() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.POSSIBLE).budget(3).constrainedTo("yes", "no");
      assertThat(model.write("<think>hm hm hm hm hm hm hm hm hm hm hm hm hm hm hm no"))
          .startsWith("<think>hm hm hm \n</think>\n\n")
          .matches("(?s).*</think>\\s*(yes|no)<end>");
    }
  }

  @Test
  void aBudgetThatIsNotUsedUpChangesNothing() {
    for (FakeTokens tokens : VOCABULARIES) {
      Model model = new Model(tokens, ReasoningMode.POSSIBLE).budget(30);
      assertThat(model.write("<think>hm hm </think>\n\nyes"))
          .isEqualTo("<think>hm hm </think>\n\nyes<end>");
    }
  }

  @Test
  void aBudgetAddsNoTagsToAnAnswerWithoutReasoning() {
    for (FakeTokens tokens : VOCABULARIES) {
      for (ReasoningMode mode : List.of(ReasoningMode.ABSENT, ReasoningMode.POSSIBLE)) {
        Model model = new Model(tokens, mode).budget(0);
        assertThat(model.write("hm yes")).isEqualTo("hm yes<end>");
      }
      assertThat(new Model(tokens, ReasoningMode.ABSENT).budget(0).write("<think>hm"))
          .isEqualTo("<think>hm<end>");
    }
  }

  @Test
  void aBudgetThatEndsInsideTheClosingTagFinishesIt() {
    // "hm ", "</", "think" are three tokens.
    Model model = new Model(SPLIT_TAGS, ReasoningMode.OPEN).budget(3);
    assertThat(model.write("hm </think hm")).startsWith("hm </think>\n\n");
  }

  @Test
  void aBudgetWaitsForTheEndOfACodePoint() {
    // The moon is four tokens of one byte each.
    for (int budget = 1; budget <= 4; budget++) {
      Model model = new Model(ONE_TOKEN_TAGS, ReasoningMode.OPEN).budget(budget);
      assertThat(model.write("🌙🌙🌙")).startsWith("🌙\n</think>\n\n");
    }
  }

  @Test
  void aReplayOfTokensFromElsewhereIsCheckedAgainstTheConstraint() {
    ReasoningGate gate =
        new Model(ONE_TOKEN_TAGS, ReasoningMode.POSSIBLE).constrainedTo("yes").gate();
    assertThatThrownBy(() -> gate.accept(ONE_TOKEN_TAGS.id("no")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("neither opens the reasoning nor satisfies");
    ReasoningGate open = new Model(SPLIT_TAGS, ReasoningMode.OPEN).constrainedTo("yes").gate();
    open.accept(SPLIT_TAGS.id("</"));
    open.accept(SPLIT_TAGS.id("think"));
    assertThatThrownBy(() -> open.accept(SPLIT_TAGS.id(">y")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("begins the answer at once");
  }

  @Test
  void aReplayThatClosedLaterThanTheBudgetCounts() {
    Model model = new Model(ONE_TOKEN_TAGS, ReasoningMode.OPEN).budget(1);
    ReasoningGate gate = model.gate();
    for (String text : List.of("hm ", "hm ", "hm ")) {
      gate.accept(ONE_TOKEN_TAGS.id(text));
    }
    assertThat(gate.forced()).hasValue(ONE_TOKEN_TAGS.id("\n"));
    gate.accept(ONE_TOKEN_TAGS.id("</think>"));
    assertThat(gate.forced()).isEmpty();
  }

  @Property(tries = 500)
  @StatisticsReport(StatisticsReportMode.OFF)
  void whateverTheModelWantsTheAnswerKeepsToTheConstraint(@ForAll long seed) {
    Random random = new Random(seed);
    FakeTokens tokens = VOCABULARIES.get(random.nextInt(2));
    ReasoningMode mode = ReasoningMode.values()[random.nextInt(3)];
    Model model = new Model(tokens, mode).constrainedTo("yes", "no", "{\"a\":1}", "<b>", " y");
    if (random.nextBoolean()) {
      model.budget(random.nextInt(20));
    }
    List<Integer> written = model.babble(seed);

    // Reasoning that went on to the last token has no answer yet.
    boolean ended = tokens.isEndOfGeneration(written.get(written.size() - 1));
    Statistics.label("ended").collect(ended).coverage(c -> c.check(true).percentage(p -> p > 50));
    if (ended) {
      CompletionText text = new CompletionText(List.of(), mode == ReasoningMode.OPEN);
      written.forEach(token -> text.append(tokens.piece(token)));
      text.finish();
      assertThat(text.answer())
          .as(tokens.render(written))
          .isIn("yes", "no", "{\"a\":1}", "<b>", " y", "y");
    }
  }

  @Property(tries = 500)
  void aResumedCompletionGoesOnAsItWouldHave(@ForAll long seed) {
    Random random = new Random(seed);
    FakeTokens tokens = VOCABULARIES.get(random.nextInt(2));
    ReasoningMode mode = ReasoningMode.values()[random.nextInt(3)];
    Model model = new Model(tokens, mode).constrainedTo("yes", "no", "<b>", "\n\ny");
    if (random.nextBoolean()) {
      model.budget(random.nextInt(20));
    }
    List<Integer> whole = model.babble(seed);
    int cut = random.nextInt(whole.size());

    assertThat(model.babbleOn(whole.subList(0, cut), seed)).isEqualTo(whole);
  }

  private final class Model {

    private final FakeTokens tokens;
    private final ReasoningTags tags;
    private final ReasoningMode mode;
    private OptionalInt budget = OptionalInt.empty();
    private Optional<Supplier<TokenConstraint>> constraint = Optional.empty();

    Model(FakeTokens tokens, ReasoningMode mode) {
      this.tokens = tokens;
      this.tags = new ReasoningTags(tokens);
      this.mode = mode;
    }

    Model budget(int tokenCount) {
      budget = OptionalInt.of(tokenCount);
      return this;
    }

    Model constrainedTo(String... answers) {
      constraint =
          Optional.of(
              () -> {
                constraints.add(new FakeConstraint(tokens, answers));
                return constraints.get(constraints.size() - 1);
              });
      return this;
    }

    ReasoningGate gate() {
      return new ReasoningGate(policy(), constraint);
    }

    /** Greedily writes the text that it wants to, from where what was written goes on in it. */
    String write(String wanted) {
      constraints.clear();
      List<Integer> written = new ArrayList<>();
      try (SequenceSampler sampler = sampler(SamplingParameters.greedy(MOST_TOKENS), 0)) {
        int at = 0;
        byte[] bytes = wanted.getBytes(StandardCharsets.UTF_8);
        while (written.size() < MOST_TOKENS) {
          int next = nextWanted(bytes, at);
          float[] logits = new float[tokens.size()];
          logits[next] = 1;
          int token = sampler.choose(logits).token();
          written.add(token);
          if (tokens.isEndOfGeneration(token)) {
            break;
          }
          at += token == next ? tokens.piece(token).length : 0;
        }
      }
      return text(written);
    }

    /** Draws from logits that know the tags and the answers but no order. */
    List<Integer> babble(long seed) {
      return babbleOn(List.of(), seed);
    }

    List<Integer> babbleOn(List<Integer> before, long seed) {
      List<Integer> written = new ArrayList<>(before);
      try (SequenceSampler sampler =
          sampler(SamplingParameters.builder().build(), seed & 0xFFFF_FFL)) {
        before.forEach(sampler::accept);
        while (written.size() < MOST_TOKENS
            && (written.isEmpty() || !tokens.isEndOfGeneration(written.get(written.size() - 1)))) {
          written.add(sampler.choose(babbleAt(written.size(), seed)).token());
        }
      }
      return written;
    }

    private float[] babbleAt(int position, long seed) {
      Random random = new Random(seed * 31 + position);
      float[] logits = new float[tokens.size()];
      for (int token = 0; token < logits.length; token++) {
        boolean meant = tokens.piece(token).length != 1;
        logits[token] = (float) (random.nextGaussian() * 3 + (meant ? 4 : 0));
      }
      return logits;
    }

    private int nextWanted(byte[] wanted, int at) {
      if (at >= wanted.length) {
        return tokens.endOfTurn();
      }
      String rest = new String(wanted, at, wanted.length - at, StandardCharsets.ISO_8859_1);
      int best = -1;
      for (int token = 0; token < tokens.size(); token++) {
        byte[] piece = tokens.piece(token);
        String text = new String(piece, StandardCharsets.ISO_8859_1);
        if (piece.length > 0
            && rest.startsWith(text)
            && (best < 0 || piece.length > tokens.piece(best).length)) {
          best = token;
        }
      }
      return best;
    }

    private SequenceSampler sampler(SamplingParameters sampling, long seed) {
      return new SequenceSampler(
          sampling, seed, new int[0], policy(), constraint, new SamplingScratch(tokens.size()));
    }

    private ReasoningPolicy policy() {
      return new ReasoningPolicy(tags, mode, budget);
    }

    private String text(List<Integer> written) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int token : written) {
        byte[] piece =
            tokens.isEndOfGeneration(token)
                ? "<end>".getBytes(StandardCharsets.UTF_8)
                : tokens.piece(token);
        bytes.writeBytes(piece);
      }
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }
}
