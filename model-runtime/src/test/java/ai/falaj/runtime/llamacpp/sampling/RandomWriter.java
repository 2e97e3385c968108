package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.grammar.Grammar;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;

/**
 * A model without sense: draws tokens at random, held to a grammar as a real model is. It comes to
 * an end, as it grows ever fonder of tokens that close something. Confined to one thread.
 */
final class RandomWriter implements AutoCloseable {

  private static final int MAX_TOKENS = 1_500;

  /** What ends a value soonest, first. */
  private static final String CLOSING = "}]nfte0123456789\"";

  /** Tokens until closing wins over everything else. */
  private static final int PATIENCE = 40;

  private final Vocabulary vocabulary;
  private final GrammarConstraints constraints;
  private final Random random;
  private final float[] fondness;
  private final int quotationMark;

  RandomWriter(Vocabulary vocabulary, long seed) {
    this.vocabulary = vocabulary;
    this.constraints = new GrammarConstraints(vocabulary);
    this.random = new Random(seed);
    this.fondness = new float[vocabulary.size()];
    for (int token = 0; token < fondness.length; token++) {
      byte[] piece = vocabulary.piece(token);
      int closing = piece.length == 1 ? CLOSING.indexOf(piece[0]) : -1;
      if (vocabulary.isEndOfGeneration(token)) {
        fondness[token] = CLOSING.length() + 1;
      } else if (closing >= 0) {
        fondness[token] = CLOSING.length() - closing;
      }
    }
    this.quotationMark = vocabulary.tokenize("\"", false, false)[0];
  }

  /** Writes until the grammar and chance end the text; empty if they do not within reason. */
  Optional<String> write(Grammar grammar) throws CharacterCodingException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    boolean withinString = false;
    boolean escaped = false;
    try (GrammarConstraint constraint = constraints.start(grammar)) {
      for (int tokens = 0; tokens < MAX_TOKENS; tokens++) {
        int token = choose(constraint, tokens, withinString);
        constraint.accept(token);
        if (vocabulary.isEndOfGeneration(token)) {
          return Optional.of(utf8(text));
        }
        text.writeBytes(vocabulary.piece(token));
        for (byte octet : vocabulary.piece(token)) {
          withinString ^= octet == '"' && !escaped;
          escaped = octet == '\\' && !escaped;
        }
      }
    }
    return Optional.empty();
  }

  private int choose(GrammarConstraint constraint, int tokens, boolean withinString) {
    float[] logits = new float[fondness.length];
    boolean whim = random.nextInt(4) == 0;
    float weight = whim ? 0 : Math.min(1, (float) tokens / PATIENCE) * 4;
    for (int token = 0; token < logits.length; token++) {
      logits[token] = random.nextFloat() + (withinString ? 0 : weight * fondness[token]);
    }
    if (withinString) {
      logits[quotationMark] += weight;
    }
    int favourite = indexOfMaximum(logits);
    if (constraint.allows(favourite)) {
      return favourite;
    }
    constraint.mask(logits);
    assertThat(logits[favourite]).isEqualTo(Float.NEGATIVE_INFINITY);
    int best = indexOfMaximum(logits);
    assertThat(logits[best]).as("some token may come next").isFinite();
    return best;
  }

  private static int indexOfMaximum(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static String utf8(ByteArrayOutputStream bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes.toByteArray()))
        .toString();
  }

  @Override
  public void close() {
    constraints.close();
  }
}
