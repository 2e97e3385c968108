package ai.falaj.runtime.llamacpp.sampling;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Allows exactly some answers, then the end of the turn. Counts what is asked of it, so that tests
 * see what it costs.
 */
final class FakeConstraint implements TokenConstraint {

  private final FakeTokens tokens;
  private final List<String> answers;
  private String written = "";
  private boolean ended;
  private int masks;
  private boolean closed;

  FakeConstraint(FakeTokens tokens, String... answers) {
    this.tokens = tokens;
    this.answers = List.of(answers);
  }

  int masks() {
    return masks;
  }

  boolean isClosed() {
    return closed;
  }

  String written() {
    return written;
  }

  @Override
  public boolean allows(int token) {
    requireOpen();
    if (ended) {
      return false;
    }
    if (tokens.isEndOfGeneration(token)) {
      return answers.contains(written);
    }
    String next = written + new String(tokens.piece(token), StandardCharsets.UTF_8);
    return answers.stream().anyMatch(answer -> answer.startsWith(next));
  }

  @Override
  public void mask(float[] logits) {
    masks++;
    for (int token = 0; token < logits.length; token++) {
      if (!allows(token)) {
        logits[token] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  @Override
  public void accept(int token) {
    if (!allows(token)) {
      throw new IllegalStateException("token " + token + " after " + written);
    }
    ended = tokens.isEndOfGeneration(token);
    written += new String(tokens.piece(token), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the constraint is closed");
    }
  }
}
