package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpeculatorTest {

  private static final int MOST = 8;

  /** How many guesses were asked for, call by call. */
  private final List<Integer> asked = new ArrayList<>();

  private final List<Long> forgotten = new ArrayList<>();
  private boolean closed;

  private final Speculator speculator =
      new Speculator(
          new DraftSource() {
            @Override
            public int[] propose(SampleRun run, int most) {
              asked.add(most);
              return new int[most];
            }

            @Override
            public void forget(SampleRun run) {
              forgotten.add(run.sequenceId());
            }

            @Override
            public void close() {
              closed = true;
            }
          },
          MOST,
          2);

  private final SampleRun run = SpeculatedRuns.of(1, 1_000, 1, 2, 3);

  @Test
  void beginsWithHalfAndDoublesAfterGuessesThatWereAllRight() {
    speculator.offer(run, 1);
    verified(4, 4);
    verified(8, 8);

    assertThat(asked).containsExactly(4, 8, 8);
    assertThat(speculator.drafted()).isEqualTo(12);
    assertThat(speculator.accepted()).isEqualTo(12);
  }

  @Test
  void asksForOneMoreThanWereRight() {
    speculator.offer(run, 1);
    verified(4, 2);
    verified(3, 1);
    verified(2, 0);

    assertThat(asked).containsExactly(4, 3, 2, 1);
    assertThat(speculator.accepted()).isEqualTo(3);
  }

  @Test
  void pausesLongerAndLongerWhileNothingIsRight() {
    speculator.offer(run, 1);
    assertThat(tokensOfPauseAfterMisses()).isEqualTo(8);
    assertThat(tokensOfPauseAfterMisses()).isEqualTo(16);
    assertThat(tokensOfPauseAfterMisses()).isEqualTo(32);
    assertThat(tokensOfPauseAfterMisses()).isEqualTo(64);
    assertThat(tokensOfPauseAfterMisses()).isEqualTo(128);
    assertThat(tokensOfPauseAfterMisses()).isEqualTo(128);

    verified(1, 1);

    assertThat(tokensOfPauseAfterMisses()).isEqualTo(8);
  }

  @Test
  void oneRightGuessAmongWrongOnesPreventsAPause() {
    speculator.offer(run, 1);
    for (int round = 0; round < 10; round++) {
      verified(1, 0);
      verified(1, 0);
      verified(2, 1);
      assertThat(run.draftCount()).isPositive();
    }
  }

  @Test
  void stepsWithoutGuessesTeachNothing() {
    speculator.offer(run, 1);
    for (int step = 0; step < 10; step++) {
      verified(0, 0);
    }

    assertThat(asked).containsOnly(4);
    assertThat(speculator.drafted()).isZero();
  }

  @Test
  void offersNothingWhileManySequencesRun() {
    speculator.offer(run, 2);
    assertThat(run.draftCount()).isEqualTo(4);

    speculator.offer(run, 3);

    assertThat(run.draftCount()).isZero();
  }

  @Test
  void guessesNoFurtherThanTheSequenceMayGo() {
    SampleRun three = SpeculatedRuns.of(2, 3, 1, 2);
    SampleRun one = SpeculatedRuns.of(3, 1, 1, 2);

    speculator.offer(three, 1);
    speculator.offer(one, 1);

    assertThat(three.draftCount()).isEqualTo(2);
    assertThat(one.draftCount()).isZero();
  }

  @Test
  void learnsOfEachSequenceApart() {
    SampleRun other = SpeculatedRuns.of(2, 1_000, 1, 2);
    speculator.offer(run, 2);
    speculator.offer(other, 2);

    speculator.verified(run, 4, 4);
    speculator.verified(other, 4, 0);
    speculator.offer(run, 2);
    speculator.offer(other, 2);

    assertThat(run.draftCount()).isEqualTo(8);
    assertThat(other.draftCount()).isEqualTo(1);
  }

  @Test
  void remembersNothingOfSequencesThatAreOver() {
    speculator.offer(run, 1);
    verified(4, 4);

    speculator.forget(run);
    speculator.forget(run);
    speculator.forget(SpeculatedRuns.of(2, 10, 1, 2));

    assertThat(speculator.sequences()).isZero();
    assertThat(forgotten).containsExactly(1L);
    assertThat(speculator.accepted()).isEqualTo(4);
  }

  @Test
  void closesItsSource() {
    speculator.close();

    assertThat(closed).isTrue();
  }

  @Test
  void offersNothingWhenOff() {
    Speculator off = Speculator.off();

    off.offer(run, 1);

    assertThat(run.draftCount()).isZero();
    assertThat(off.sequences()).isZero();
  }

  private void verified(int guesses, int right) {
    speculator.verified(run, guesses, right);
    speculator.offer(run, 1);
  }

  /** Misses until nothing is offered, and says how many tokens go by until something is again. */
  private int tokensOfPauseAfterMisses() {
    for (int miss = 0; miss < Speculator.MISSES_BEFORE_PAUSE; miss++) {
      assertThat(run.draftCount()).as("asked for %s", asked).isPositive();
      verified(run.draftCount(), 0);
    }
    int tokens = 0;
    while (run.draftCount() == 0) {
      tokens++;
      verified(0, 0);
    }
    return tokens;
  }
}
