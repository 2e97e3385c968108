package ai.falaj.schemas;

import static ai.falaj.schemas.ChunkAssemblerTest.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever a chunk topic may do to the chunks of a request, the reader ends with its text. */
class ChunkAssemblerPropertyTest {

  private static final String[] TEXTS = {"a", "bc ", "", "نعم", "🙂", "\n", "日本"};

  @Property(tries = 2_000)
  void anyOrderWithRepeatsAndRestartsEndsWithTheTextOfTheCompletion(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int attempts,
      @ForAll @IntRange(min = 1, max = 24) int chunksPerAttempt) {
    Random random = new Random(seed);
    Generation generation = new Generation(random, attempts, chunksPerAttempt);
    List<CompletionChunk> delivered = new ArrayList<>(generation.written);
    for (int repeats = random.nextInt(8); repeats > 0; repeats--) {
      delivered.add(generation.written.get(random.nextInt(generation.written.size())));
    }
    Collections.shuffle(delivered, random);

    assertEndsWithTheTextOf(generation, delivered);
  }

  @Property(tries = 1_000)
  void theOrderOfWritingEndsWithTheTextOfTheCompletion(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int attempts,
      @ForAll @IntRange(min = 1, max = 24) int chunksPerAttempt) {
    Generation generation = new Generation(new Random(seed), attempts, chunksPerAttempt);

    assertEndsWithTheTextOf(generation, generation.written);
  }

  @Property(tries = 1_000)
  void samplesInAnyOrderAmongEachOtherEndWithTheTextOfEach(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int samples,
      @ForAll @IntRange(min = 1, max = 4) int attempts,
      @ForAll @IntRange(min = 1, max = 12) int chunksPerAttempt) {
    Random random = new Random(seed);
    List<Generation> generations = new ArrayList<>();
    List<CompletionChunk> delivered = new ArrayList<>();
    for (int sample = 0; sample < samples; sample++) {
      Generation generation = new Generation(random, attempts, chunksPerAttempt);
      for (CompletionChunk chunk : generation.written) {
        chunk.setSample(sample);
      }
      generations.add(generation);
      delivered.addAll(generation.written);
    }
    for (int repeats = random.nextInt(8); repeats > 0; repeats--) {
      delivered.add(delivered.get(random.nextInt(delivered.size())));
    }
    Collections.shuffle(delivered, random);

    CompletionAssembler assembler = new CompletionAssembler("r1", samples);
    delivered.forEach(assembler::add);

    assertThat(assembler.isComplete()).isTrue();
    for (int sample = 0; sample < samples; sample++) {
      List<CompletionChunk> valid = generations.get(sample).valid;
      assertThat(assembler.sample(sample).answer()).isEqualTo(textOf(valid, Channel.ANSWER));
      assertThat(assembler.sample(sample).reasoning()).isEqualTo(textOf(valid, Channel.REASONING));
    }
  }

  private static void assertEndsWithTheTextOf(
      Generation generation, List<CompletionChunk> delivered) {
    ChunkAssembler assembler = new ChunkAssembler("r1");
    List<CompletionChunk> followed = new ArrayList<>();
    for (CompletionChunk chunk : delivered) {
      ChunkAssembler.Update update = assembler.add(chunk);
      followed.subList(followed.size() - update.dropped(), followed.size()).clear();
      followed.addAll(update.appended());
      assertThat(followed).isEqualTo(assembler.chunks());
      assertThat(textOf(followed, Channel.ANSWER)).isEqualTo(assembler.answer());
    }
    assertThat(assembler.answer()).isEqualTo(textOf(generation.valid, Channel.ANSWER));
    assertThat(assembler.reasoning()).isEqualTo(textOf(generation.valid, Channel.REASONING));
    assertThat(assembler.isComplete()).isTrue();
    assertThat(assembler.tokens())
        .isEqualTo(generation.valid.stream().mapToInt(CompletionChunk::getTokenCount).sum());
  }

  private static String textOf(List<CompletionChunk> chunks, Channel channel) {
    StringBuilder text = new StringBuilder();
    for (CompletionChunk chunk : chunks) {
      if (chunk.getChannel() == channel) {
        text.append(chunk.getText());
      }
    }
    return text.toString();
  }

  /**
   * What an operator that fails and restarts writes: each attempt continues at the end of a chunk
   * that counts and writes text of its own from there. Only the last attempt ends.
   */
  private static final class Generation {
    private final List<CompletionChunk> written = new ArrayList<>();
    private final List<CompletionChunk> valid = new ArrayList<>();

    Generation(Random random, int attempts, int chunksPerAttempt) {
      for (int attempt = 1; attempt <= attempts; attempt++) {
        valid.subList(random.nextInt(valid.size() + 1), valid.size()).clear();
        boolean last = attempt == attempts;
        int count = 1 + random.nextInt(chunksPerAttempt);
        for (int sequence = 0; sequence < count; sequence++) {
          boolean finishes = last && sequence == count - 1;
          CompletionChunk chunk =
              chunk(
                  attempt,
                  sequence,
                  valid.stream().mapToInt(CompletionChunk::getTokenCount).sum(),
                  finishes ? random.nextInt(2) : 1 + random.nextInt(3),
                  random.nextInt(3) == 0 ? Channel.REASONING : Channel.ANSWER,
                  TEXTS[random.nextInt(TEXTS.length)],
                  finishes ? FinishReason.STOP : null);
          valid.add(chunk);
          written.add(chunk);
        }
      }
    }
  }
}
