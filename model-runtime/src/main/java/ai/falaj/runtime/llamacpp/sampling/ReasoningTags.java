package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The tags around a model's reasoning as tokens of its vocabulary, looked up once per model. In
 * some vocabularies a tag is one token, in others several, and its last token may go on with line
 * breaks; so the rest of a tag is known for each number of its bytes that already stand there.
 * Immutable; any thread.
 */
public final class ReasoningTags {

  static final byte[] OPEN = "<think>".getBytes(StandardCharsets.US_ASCII);
  static final byte[] CLOSE = "</think>".getBytes(StandardCharsets.US_ASCII);

  /** What models are trained to write around the closing tag. */
  private static final String BEFORE_CLOSE = "\n";

  private static final String AFTER_CLOSE = "\n\n";

  private final TokenTable tokens;
  private final int[] openers;
  private final int[][] openRests = new int[OPEN.length][];
  private final int[][] closeRests = new int[CLOSE.length][];
  private final int[][] closings = new int[CLOSE.length][];

  /**
   * @throws IllegalArgumentException if the vocabulary cannot write {@code </think>}
   */
  public ReasoningTags(TokenTable tokens) {
    this.tokens = tokens;
    String open = text(OPEN);
    String close = text(CLOSE);
    for (int written = 0; written < OPEN.length; written++) {
      openRests[written] = exactly(open.substring(written)).orElse(null);
    }
    int[] closing = tokens.tokenize(BEFORE_CLOSE + close + AFTER_CLOSE, false, true);
    if (!render(closing).contains(close)) {
      throw new IllegalArgumentException(
          "the vocabulary writes %s as %s".formatted(close, Arrays.toString(closing)));
    }
    closings[0] = closing;
    closeRests[0] = exactly(close).orElse(closing);
    for (int written = 1; written < CLOSE.length; written++) {
      String rest = close.substring(written);
      closeRests[written] = exactly(rest).orElse(closing);
      closings[written] = exactly(rest + AFTER_CLOSE).orElse(closing);
    }
    openers =
        Arrays.stream(new String[] {open, open + "\n", open + "\n\n"})
            .map(this::exactly)
            .flatMapToInt(rest -> Arrays.stream(rest.orElse(new int[0])).limit(1))
            .filter(this::canBeFinished)
            .distinct()
            .toArray();
  }

  /** Whether the opening tag is one token: such a model was made to reason. */
  public boolean inVocabulary() {
    return openRests[0] != null && openRests[0].length == 1;
  }

  TokenTable tokens() {
    return tokens;
  }

  /** Tokens with which the vocabulary begins an opening tag. */
  int[] openers() {
    return openers;
  }

  /** Whether the vocabulary can finish an opening tag of which this many bytes stand. */
  boolean canFinishOpening(int writtenBytes) {
    return openRests[writtenBytes] != null;
  }

  /** The next token of an opening tag of which this many bytes stand. */
  int nextOfOpening(int writtenBytes) {
    return openRests[writtenBytes][0];
  }

  /** The next token of a closing tag of which this many bytes stand. */
  int nextOfClosing(int writtenBytes) {
    return closeRests[writtenBytes][0];
  }

  /** All that closes a reasoning which ends with this many bytes of the closing tag. */
  int[] closing(int writtenBytes) {
    return closings[writtenBytes];
  }

  private boolean canBeFinished(int opener) {
    int written = tokens.piece(opener).length;
    return written >= OPEN.length || openRests[written] != null;
  }

  /** The tokens of a text, if the vocabulary can write it without adding to it. */
  private Optional<int[]> exactly(String text) {
    int[] split = tokens.tokenize(text, false, true);
    return render(split).equals(text) ? Optional.of(split) : Optional.empty();
  }

  private String render(int[] split) {
    StringBuilder rendered = new StringBuilder();
    for (int token : split) {
      rendered.append(text(tokens.piece(token)));
    }
    return rendered.toString();
  }

  private static String text(byte[] ascii) {
    return new String(ascii, StandardCharsets.US_ASCII);
  }
}
