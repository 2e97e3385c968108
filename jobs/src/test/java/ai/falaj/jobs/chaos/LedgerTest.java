package ai.falaj.jobs.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.chaos.ExpectedResult.Fate;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private final Ledger ledger = new Ledger();

  @Test
  void isRightWhereEveryPromptEndedOnceAsItShould() {
    send("a", Fate.ANSWERED);
    send("b", Fate.REFUSED);
    answer("a", 1);
    ledger.deadLetter("b");

    LedgerBalance balance = ledger.balance();

    assertThat(balance.isRight()).isTrue();
    assertThat(balance.sent()).isEqualTo(2);
    assertThat(balance.completed()).isEqualTo(1);
    assertThat(balance.deadLettered()).isEqualTo(1);
    assertThat(balance.tokensGenerated()).isEqualTo(3);
    assertThat(balance.tokensRepeated()).isZero();
  }

  /** A ledger that finds nothing must be one that would have. */
  @Test
  void findsExactlyWhatWasSpoilt() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Ledger spoilt = new Ledger();
      TreeSet<String> lost = new TreeSet<>();
      TreeSet<String> duplicated = new TreeSet<>();
      TreeSet<String> inconsistent = new TreeSet<>();
      TreeSet<String> wrong = new TreeSet<>();
      int repeated = 0;
      List<Runnable> records = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String id = "r%02d".formatted(i);
        spoilt.expect(expected(id, Fate.ANSWERED));
        spoilt.acknowledged(id);
        records.add(() -> spoilt.prompt(id));
        List<CompletionChunk> chunks = new ArrayList<>(chunks(id, 1));
        List<Completion> completions = new ArrayList<>(List.of(completion(id, text(id))));
        switch (random.nextInt(8)) {
          case 0 -> {
            completions.clear();
            lost.add(id);
          }
          case 1 -> {
            completions.add(completions.get(0));
            duplicated.add(id);
          }
          case 2 -> {
            int hole = random.nextInt(chunks.size());
            chunks.remove(hole);
            repeated += chunks.size() - hole; // behind a hole, tokens are generated and not shown
            inconsistent.add(id);
          }
          case 3 -> {
            completions.set(0, completion(id, "something else"));
            inconsistent.add(id);
            wrong.add(id);
          }
          case 4 -> {
            records.add(() -> spoilt.deadLetter(id));
            duplicated.add(id);
            wrong.add(id);
          }
          case 5 -> {
            chunks.addAll(chunks(id, 2));
            repeated += 3;
          }
          case 6 -> chunks.addAll(chunks(id, 1)); // sent twice, not generated twice
          default -> assertThat(completions).hasSize(1);
        }
        chunks.forEach(chunk -> records.add(() -> spoilt.chunk(chunk)));
        completions.forEach(completion -> records.add(() -> spoilt.completion(completion)));
      }
      Collections.shuffle(records, random);
      records.forEach(Runnable::run);

      LedgerBalance balance = spoilt.balance();

      assertThat(balance.lost()).as("lost, seed %d", seed).containsExactlyElementsOf(lost);
      assertThat(balance.duplicated())
          .as("duplicated, seed %d", seed)
          .containsExactlyElementsOf(duplicated);
      assertThat(balance.inconsistent())
          .as("inconsistent, seed %d", seed)
          .containsExactlyElementsOf(inconsistent);
      assertThat(balance.wrong()).as("wrong, seed %d", seed).containsExactlyElementsOf(wrong);
      assertThat(balance.tokensRepeated()).as("repeated, seed %d", seed).isEqualTo(repeated);
    }
  }

  @Test
  void countsWhatAHigherAttemptReplacedAsRepeated() {
    send("a", Fate.ANSWERED);
    chunks("a", 1).subList(0, 2).forEach(ledger::chunk);
    answer("a", 2);

    LedgerBalance balance = ledger.balance();

    assertThat(balance.isRight()).isTrue();
    assertThat(balance.tokensGenerated()).isEqualTo(5);
    assertThat(balance.tokensRepeated()).isEqualTo(2);
  }

  @Test
  void expectsNothingOfAPromptThatTheBrokerNeverGot() {
    ledger.expect(expected("a", Fate.ANSWERED));

    LedgerBalance balance = ledger.balance();

    assertThat(balance.isRight()).isTrue();
    assertThat(balance.sent()).isZero();
  }

  @Test
  void expectsAnAnswerToAPromptWhoseAcknowledgementWasLost() {
    ledger.expect(expected("a", Fate.ANSWERED));
    ledger.prompt("a");

    assertThat(ledger.balance().lost()).containsExactly("a");
  }

  @Test
  void blamesTheBrokerForPromptsThatItDoubledOrLost() {
    send("doubled", Fate.ANSWERED);
    ledger.prompt("doubled");
    answer("doubled", 1);
    ledger.expect(expected("gone", Fate.ANSWERED));
    ledger.acknowledged("gone");

    LedgerBalance balance = ledger.balance();

    assertThat(balance.input()).containsExactly("doubled", "gone");
    assertThat(balance.isRight()).isFalse();
  }

  @Test
  void reportsResultsThatNobodyAskedFor() {
    ledger.completion(completion("stranger", "hello"));
    ledger.deadLetter("other");
    ledger.prompt("third");
    ledger.chunk(chunks("fourth", 1).get(0));

    LedgerBalance balance = ledger.balance();

    assertThat(balance.unknown()).containsExactly("fourth", "other", "stranger", "third");
    assertThat(balance.isRight()).isFalse();
  }

  @Test
  void takesARefusedPromptThatWasAnsweredForWrong() {
    send("a", Fate.REFUSED);
    answer("a", 1);

    assertThat(ledger.balance().wrong()).containsExactly("a");
  }

  @Test
  void takesABeginningOfTheTextForRightWhereThePromptWasCancelled() {
    send("cut", Fate.CANCELLED);
    chunks("cut", 1).subList(0, 2).forEach(ledger::chunk);
    ledger.chunk(chunk("cut", 1, 2, 0, "", FinishReason.CANCELLED, 0));
    ledger.completion(
        Completion.newBuilder(completion("cut", "one of "))
            .setFinishReason(FinishReason.CANCELLED)
            .setUsage(new Usage(4, 0, 0, 2))
            .build());
    send("garbled", Fate.CANCELLED);
    answer("garbled", 1);
    ledger.completion(completion("garbled", "two"));

    LedgerBalance balance = ledger.balance();

    assertThat(balance.wrong()).containsExactly("garbled");
    assertThat(balance.inconsistent()).containsExactly("garbled");
  }

  @Test
  void comparesEverySample() {
    ExpectedResult two = new ExpectedResult("a", Fate.ANSWERED, 2, List.of("one of a", "two of a"));
    ledger.expect(two);
    ledger.acknowledged("a");
    ledger.prompt("a");
    chunks("a", 1).forEach(ledger::chunk);
    ledger.chunk(chunk("a", 1, 0, 1, "two of b", FinishReason.STOP, 1));
    ledger.completion(
        Completion.newBuilder(completion("a", "one of a"))
            .setSamples(List.of(sample(0, "one of a", 3), sample(1, "two of a", 1)))
            .build());

    LedgerBalance balance = ledger.balance();

    assertThat(balance.wrong()).isEmpty();
    assertThat(balance.inconsistent()).containsExactly("a");
  }

  @Test
  void refusesToExpectThePromptTwice() {
    ledger.expect(expected("a", Fate.ANSWERED));

    assertThatThrownBy(() -> ledger.expect(expected("a", Fate.REFUSED)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected twice: a");
  }

  private void send(String id, Fate fate) {
    ledger.expect(expected(id, fate));
    ledger.acknowledged(id);
    ledger.prompt(id);
  }

  private void answer(String id, int attempt) {
    chunks(id, attempt).forEach(ledger::chunk);
    ledger.completion(completion(id, text(id)));
  }

  private static ExpectedResult expected(String id, Fate fate) {
    return new ExpectedResult(id, fate, 1, List.of(text(id)));
  }

  private static String text(String id) {
    return "one of " + id;
  }

  /** Three chunks of a token each, the last with the finish reason. */
  private static List<CompletionChunk> chunks(String id, int attempt) {
    List<String> words = List.of("one ", "of ", id);
    return IntStream.range(0, words.size())
        .mapToObj(i -> chunk(id, attempt, i, 1, words.get(i), i == 2 ? FinishReason.STOP : null, 0))
        .toList();
  }

  private static CompletionChunk chunk(
      String id, int attempt, int sequence, int tokens, String text, FinishReason end, int sample) {
    return new CompletionChunk(
        id,
        attempt,
        sequence,
        sequence,
        tokens,
        Channel.ANSWER,
        text,
        end,
        Instant.EPOCH,
        sample,
        0);
  }

  private static CompletionSample sample(int index, String text, int tokens) {
    return new CompletionSample(index, text, null, FinishReason.STOP, 0, tokens, List.of());
  }

  private static Completion completion(String id, String answer) {
    return Completion.newBuilder()
        .setRequestId(id)
        .setAnswer(answer)
        .setFinishReason(FinishReason.STOP)
        .setUsage(new Usage(4, 0, 0, 3))
        .setTimings(new Timings(0L, 1L, 2L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("m")
                .setEngine("e")
                .setEngineVersion("1")
                .setSeed(0L)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setCompletedAt(Instant.EPOCH)
        .build();
  }
}
