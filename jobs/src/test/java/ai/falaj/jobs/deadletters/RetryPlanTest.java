package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetryPlanTest {

  @Test
  void leavesAloneWhatWasSentOrMayHaveBeenOrWasSentTooOften() {
    LetterIndex index =
        new LetterIndex(
            List.of(
                letter(0, 2),
                letter(1, 3),
                letter(2, 4),
                letter(3, 0).in(LetterState.RETRIED),
                letter(4, 0).in(LetterState.UNDECIDED)),
            0);

    RetryPlan plan = RetryPlan.of(index, 3, Long.MAX_VALUE);

    assertThat(plan.toSend()).extracting(Letter::offset).containsExactly(0L);
    assertThat(plan.exhausted()).isEqualTo(2);
    assertThat(plan.alreadyRetried()).isEqualTo(1);
    assertThat(plan.undecided()).isEqualTo(1);
  }

  @Test
  void takesTheOldestWhereThereAreMoreThanTheLimit() {
    LetterIndex index = new LetterIndex(List.of(letter(9, 0), letter(4, 0), letter(7, 0)), 0);

    assertThat(RetryPlan.of(index, 3, 2).toSend())
        .extracting(Letter::offset)
        .containsExactly(4L, 7L);
  }

  private static Letter letter(long offset, int retries) {
    DeadLetter letter = Letters.letter("r" + offset, ErrorCode.ENGINE_FAILURE);
    letter.setRetries(retries);
    letter.setFailedAt(Letters.NOON.plusSeconds(offset));
    return Letter.open(0, offset, letter);
  }
}
