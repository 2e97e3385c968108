package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LogitRowTest {

  private static final float NEVER = Float.NEGATIVE_INFINITY;
  private static final float CERTAIN = Float.POSITIVE_INFINITY;

  @Test
  void theMostLikelyTokenIsTheFirstOfEquals() {
    assertThat(LogitRow.indexOfMaximum(new float[] {1, 3, 2, 3})).isEqualTo(1);
    assertThat(LogitRow.indexOfMaximum(new float[] {NEVER, -5, NEVER})).isEqualTo(1);
    assertThat(LogitRow.indexOfMaximum(new float[] {-0f, 0f})).isZero();
  }

  @Test
  void namesTheTokenWhoseLogitIsNotANumber() {
    assertThatThrownBy(() -> LogitRow.indexOfMaximum(new float[] {1, 2, Float.NaN, 7}))
        .isInstanceOf(InvalidLogitsException.class)
        .hasMessageContaining("token 2");
    assertThatThrownBy(() -> LogitRow.indexOfMaximum(new float[] {Float.NaN}))
        .isInstanceOf(InvalidLogitsException.class);
  }

  @Test
  void seesANumberThatIsNoneBehindInfinity() {
    assertThatThrownBy(() -> LogitRow.indexOfMaximum(new float[] {CERTAIN, 1, Float.NaN}))
        .isInstanceOf(InvalidLogitsException.class);
  }

  @Test
  void refusesARowWithoutAnyPossibleToken() {
    assertThatThrownBy(() -> LogitRow.indexOfMaximum(new float[] {NEVER, NEVER}))
        .isInstanceOf(InvalidLogitsException.class)
        .hasMessageContaining("none of 2 tokens");
  }

  @Test
  void tokensOfInfiniteLogitShareAllProbability() {
    float[] logits = {1, CERTAIN, 5, CERTAIN, NEVER};
    assertThat(LogitRow.indexOfMaximum(logits)).isEqualTo(1);
    assertThat(logits).containsExactly(NEVER, 0, NEVER, 0, NEVER);
  }

  @Property
  void keysOrderByLogitThenByToken(
      @ForAll float left,
      @ForAll float right,
      @ForAll @IntRange(max = 1_000_000) int leftToken,
      @ForAll @IntRange(max = 1_000_000) int rightToken) {
    long leftKey = LogitRow.key(left, leftToken);
    long rightKey = LogitRow.key(right, rightToken);
    int expected =
        left == right ? Integer.compare(rightToken, leftToken) : Float.compare(left, right);
    assertThat(Integer.signum(Long.compare(leftKey, rightKey))).isEqualTo(expected);
    assertThat(LogitRow.logit(leftKey)).isEqualTo(left + 0f);
    assertThat(LogitRow.token(leftKey)).isEqualTo(leftToken);
  }
}
