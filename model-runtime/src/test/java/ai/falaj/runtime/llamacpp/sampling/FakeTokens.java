package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A vocabulary made by hand: the texts that it is given, in their order, then an end of turn, then
 * all single bytes. It splits text into the longest tokens from the left.
 */
public final class FakeTokens implements TokenTable {

  private final List<byte[]> pieces = new ArrayList<>();
  private final int endOfTurn;

  public FakeTokens(String... texts) {
    for (String text : texts) {
      pieces.add(text.getBytes(StandardCharsets.UTF_8));
    }
    endOfTurn = pieces.size();
    pieces.add(new byte[0]);
    IntStream.range(0, 256).forEach(value -> pieces.add(new byte[] {(byte) value}));
  }

  /** Tokens without a meaning, where only logits matter. */
  static FakeTokens ofSize(int size) {
    return new FakeTokens(
        IntStream.range(0, size - 257).mapToObj(i -> "t" + i).toArray(String[]::new));
  }

  public int endOfTurn() {
    return endOfTurn;
  }

  /** The token of this text. */
  public int id(String text) {
    int[] split = tokenize(text, false, true);
    if (split.length != 1) {
      throw new IllegalArgumentException(text + " is " + split.length + " tokens");
    }
    return split[0];
  }

  String render(List<Integer> tokens) {
    StringBuilder text = new StringBuilder();
    tokens.forEach(token -> text.append(text(token)));
    return text.toString();
  }

  @Override
  public int size() {
    return pieces.size();
  }

  @Override
  public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<Integer> split = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += pieces.get(split.get(split.size() - 1)).length) {
      split.add(longestAt(bytes, at));
    }
    return split.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public byte[] piece(int token) {
    return pieces.get(token);
  }

  @Override
  public String text(int token) {
    return token == endOfTurn ? "<end>" : new String(pieces.get(token), StandardCharsets.UTF_8);
  }

  @Override
  public boolean isEndOfGeneration(int token) {
    return token == endOfTurn;
  }

  @Override
  public boolean containsControlText(String text) {
    return false;
  }

  private int longestAt(byte[] bytes, int at) {
    int longest = -1;
    for (int token = 0; token < pieces.size(); token++) {
      byte[] piece = pieces.get(token);
      boolean longer = longest < 0 || piece.length > pieces.get(longest).length;
      if (piece.length > 0 && longer && startsWith(bytes, at, piece)) {
        longest = token;
      }
    }
    return longest;
  }

  private static boolean startsWith(byte[] bytes, int at, byte[] piece) {
    if (at + piece.length > bytes.length) {
      return false;
    }
    for (int index = 0; index < piece.length; index++) {
      if (bytes[at + index] != piece[index]) {
        return false;
      }
    }
    return true;
  }
}
