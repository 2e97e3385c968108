package ai.falaj.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.SimulatedOperator.Repeats;
import ai.falaj.schemas.SimulatedOperator.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever operator and topic do to the chunks of a request, the reader ends with its text. */
class ChunkAssemblerPropertyTest {

  @Property(tries = 4_000)
  void anyOrderWithRepeatsEndsWithTheCompletion(
      @ForAll long seed,
      @ForAll Repeats repeats,
      @ForAll @IntRange(min = 1, max = 4) int samples,
      @ForAll @IntRange(min = 1, max = 40) int tokens,
      @ForAll @IntRange(min = 0, max = 8) int failures) {
    Random random = new Random(seed);
    SimulatedOperator operator = SimulatedOperator.run(random, repeats, samples, tokens, failures);
    List<CompletionChunk> delivered = new ArrayList<>(operator.written());
    for (int more = random.nextInt(8); more > 0; more--) {
      delivered.add(delivered.get(random.nextInt(delivered.size())));
    }
    Collections.shuffle(delivered, random);

    CompletionAssembler assembler = new CompletionAssembler("r1", samples);
    delivered.forEach(assembler::add);

    assertHoldsTheCompletion(assembler, operator);
  }

  @Property(tries = 4_000)
  void theOrderOfTheTopicShowsTheHighestAttemptWithoutGapOrForeignText(
      @ForAll long seed,
      @ForAll Repeats repeats,
      @ForAll @IntRange(min = 1, max = 4) int samples,
      @ForAll @IntRange(min = 1, max = 40) int tokens,
      @ForAll @IntRange(min = 0, max = 8) int failures) {
    Random random = new Random(seed);
    SimulatedOperator operator = SimulatedOperator.run(random, repeats, samples, tokens, failures);
    CompletionAssembler assembler = new CompletionAssembler("r1", samples);
    List<CompletionChunk> written = operator.written();
    for (int i = 0; i < written.size(); i++) {
      CompletionChunk chunk = written.get(i);
      assembler.add(chunk);
      ChunkAssembler sample = assembler.sample(chunk.getSample());
      assertThat(sample.tokens()).isEqualTo(chunk.getTokenOffset() + chunk.getTokenCount());
      assertShows(sample, operator.textOfAttempt(chunk.getAttempt(), chunk.getSample()));

      CompletionChunk again = written.get(random.nextInt(i + 1));
      assertThat(assembler.add(again).isNothing()).as("a repeat changes nothing").isTrue();
    }
    assertHoldsTheCompletion(assembler, operator);
  }

  @Property(tries = 2_000)
  void anyPartInAnyOrderShowsABeginningOfATextThatIsTheSameEachTime(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 40) int tokens,
      @ForAll @IntRange(min = 0, max = 8) int failures) {
    Random random = new Random(seed);
    SimulatedOperator operator =
        SimulatedOperator.run(random, Repeats.THE_SAME, 1, tokens, failures);
    List<CompletionChunk> delivered = new ArrayList<>(operator.written());
    Collections.shuffle(delivered, random);

    ChunkAssembler assembler = new ChunkAssembler("r1");
    for (CompletionChunk chunk : delivered) {
      assembler.add(chunk);
      assertShows(assembler, operator.completion(0));
    }
  }

  @Property(tries = 2_000)
  void whatIsShownDependsOnTheChunksAndNotOnTheirOrder(
      @ForAll long seed,
      @ForAll Repeats repeats,
      @ForAll @IntRange(min = 1, max = 20) int tokens,
      @ForAll @IntRange(min = 0, max = 6) int failures) {
    Random random = new Random(seed);
    List<CompletionChunk> written =
        SimulatedOperator.run(random, repeats, 1, tokens, failures).written();
    List<CompletionChunk> delivered = new ArrayList<>(written);
    Collections.shuffle(delivered, random);
    delivered.subList(random.nextInt(delivered.size()), delivered.size()).clear();

    ChunkAssembler shuffled = new ChunkAssembler("r1");
    List<CompletionChunk> followed = new ArrayList<>();
    for (CompletionChunk chunk : delivered) {
      ChunkAssembler.Update update = shuffled.add(chunk);
      followed.subList(followed.size() - update.dropped(), followed.size()).clear();
      followed.addAll(update.appended());
      assertThat(followed).as("what updates add up to").isEqualTo(shuffled.chunks());
    }
    ChunkAssembler inOrder = new ChunkAssembler("r1");
    written.stream().filter(delivered::contains).forEach(inOrder::add);

    assertThat(shuffled.chunks()).isEqualTo(inOrder.chunks());
    assertThat(shuffled.answer()).isEqualTo(inOrder.answer());
    assertThat(shuffled.reasoning()).isEqualTo(inOrder.reasoning());
  }

  private static void assertShows(ChunkAssembler sample, Text beginningOf) {
    Text shown = new Text(sample.reasoning(), sample.answer());
    assertThat(beginningOf.beginsWith(shown)).as("%s shows %s", beginningOf, shown).isTrue();
    if (!shown.answer().isEmpty()) {
      assertThat(shown.reasoning()).isEqualTo(beginningOf.reasoning());
    }
  }

  private static void assertHoldsTheCompletion(
      CompletionAssembler assembler, SimulatedOperator operator) {
    assertThat(assembler.isComplete()).isTrue();
    for (int i = 0; i < operator.samples(); i++) {
      ChunkAssembler sample = assembler.sample(i);
      assertThat(new Text(sample.reasoning(), sample.answer())).isEqualTo(operator.completion(i));
      assertThat(sample.tokens()).isEqualTo(operator.completionTokens(i));
      assertThat(sample.finishReason()).contains(operator.reason(i));
    }
  }
}
