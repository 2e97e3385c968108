package ai.falaj.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.Channel;
import ai.falaj.schemas.CompletionChunk;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RepeatedTokensTest {

  private final RepeatedTokens tokens = new RepeatedTokens();

  private void chunk(String request, int attempt, int sequence, int offset, int count) {
    tokens.add(
        new CompletionChunk(
            request,
            attempt,
            sequence,
            offset,
            count,
            Channel.ANSWER,
            "text",
            null,
            Instant.EPOCH,
            0,
            0));
  }

  @Test
  void nothingIsRepeatedWithoutASecondAttempt() {
    chunk("r1", 5, 0, 0, 3);
    chunk("r1", 5, 1, 3, 4);
    assertThat(tokens.tokens()).isEqualTo(7);
    assertThat(tokens.interrupted()).isZero();
    assertThat(tokens.repeated()).isZero();
  }

  @Test
  void countsFromWhereTheNextAttemptBegins() {
    chunk("r1", 5, 0, 0, 100);
    chunk("r1", 9, 0, 90, 110);
    chunk("r2", 5, 0, 0, 50);
    chunk("r2", 9, 0, 50, 150);
    assertThat(tokens.interrupted()).isEqualTo(150);
    assertThat(tokens.repeated()).isEqualTo(10);
    assertThat(tokens.tokens()).isEqualTo(400);
  }

  @Test
  void startingOverRepeatsAll() {
    chunk("r1", 5, 0, 0, 100);
    chunk("r1", 9, 0, 0, 200);
    assertThat(tokens.repeated()).isEqualTo(tokens.interrupted()).isEqualTo(100);
  }
}
