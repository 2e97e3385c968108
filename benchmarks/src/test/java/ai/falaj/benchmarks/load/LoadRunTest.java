package ai.falaj.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LoadRunTest {

  private static final long MS = 1_000_000;

  /** A clock like that of the JVM, which may be negative. */
  private static final long ORIGIN = -5_000 * MS;

  @Test
  void dividesAllTokensByTheTimeFromTheFirstSubmissionToTheLastEnd() {
    LoadRun run = new LoadRun(List.of(timeline(0, 100, 200), timeline(500, 600, 2_000)));
    assertThat(run.tokensPerSecond()).isCloseTo(4 / 2.0, within(1e-9));
    assertThat(run.requestsPerSecond()).isCloseTo(1, within(1e-9));
  }

  @Test
  void takesPercentilesOfTheTimeToFirstTokenByNearestRank() {
    LoadRun run =
        new LoadRun(IntStream.rangeClosed(1, 20).mapToObj(ms -> timeline(0, ms)).toList());
    assertThat(run.timeToFirstTokenMs(50)).isEqualTo(10);
    assertThat(run.timeToFirstTokenMs(95)).isEqualTo(19);
  }

  @Test
  void timesPrefillUntilTheLastRequestHasItsFirstToken() {
    LoadRun run = new LoadRun(List.of(timeline(0, 300, 310), timeline(1, 900), timeline(2, 100)));
    assertThat(run.secondsUntilAllHaveTheirFirstToken()).isCloseTo(0.9, within(1e-9));
  }

  /** Three sequences, one step every 10 ms, told 1 ms apart: 3 tokens per 10 ms. */
  @Test
  void countsWholeStepsWhicheverRequestStartsLastAndEndsFirst() {
    RequestTimeline early = steps(0, 40);
    RequestTimeline middle = steps(1, 40);
    RequestTimeline late = steps(102, 40);
    assertThat(new LoadRun(List.of(early, middle, late)).decodeTokensPerSecond())
        .isCloseTo(300, within(1e-6));
    assertThat(new LoadRun(List.of(late, middle, early)).decodeTokensPerSecond())
        .isCloseTo(300, within(1e-6));
    RequestTimeline firstInStepButLast = steps(99, 40);
    assertThat(new LoadRun(List.of(middle, firstInStepButLast)).decodeTokensPerSecond())
        .isCloseTo(200, within(1e-6));
  }

  @Test
  void refusesToTimeDecodingThatNeverOverlaps() {
    LoadRun run = new LoadRun(List.of(timeline(0, 10, 20), timeline(0, 500, 600)));
    assertThatThrownBy(run::decodeTokensPerSecond)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("more new tokens");
  }

  /** Submitted at the first time, ended with its last token. */
  private static RequestTimeline timeline(long submittedMs, long... tokenMs) {
    long[] nanos = LongStream.of(tokenMs).map(ms -> ORIGIN + ms * MS).toArray();
    return new RequestTimeline(
        ORIGIN + submittedMs * MS, nanos, nanos[nanos.length - 1], nanos.length);
  }

  private static RequestTimeline steps(int firstMs, int count) {
    return timeline(0, IntStream.range(0, count).mapToLong(step -> firstMs + 10L * step).toArray());
  }
}
