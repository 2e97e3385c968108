package ai.falaj.runtime;

import java.util.Arrays;
import java.util.List;

/**
 * Token ids in order, immutable. {@link Builder#view()} shares the builder's array without a copy:
 * the builder only writes behind the view's end, so that taking a checkpoint costs nothing per
 * token.
 */
public final class TokenIds {

  /** Stands for a token of an engine that does not show which one it was. */
  public static final int UNKNOWN = -1;

  private static final TokenIds EMPTY = new TokenIds(new int[0], 0);

  private final int[] ids;
  private final int size;

  private TokenIds(int[] ids, int size) {
    this.ids = ids;
    this.size = size;
  }

  public static TokenIds empty() {
    return EMPTY;
  }

  public static TokenIds of(int... ids) {
    return new TokenIds(ids.clone(), ids.length);
  }

  public int size() {
    return size;
  }

  public int get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index + " of " + size);
    }
    return ids[index];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenIds that && Arrays.equals(ids, 0, size, that.ids, 0, that.size);
  }

  @Override
  public int hashCode() {
    int hash = size;
    for (int i = 0; i < size; i++) {
      hash = 31 * hash + ids[i];
    }
    return hash;
  }

  @Override
  public String toString() {
    return size + " tokens";
  }

  /** Grows by appending. Confined to one thread; its views are not. */
  public static final class Builder {
    private static final int LEAST_CAPACITY = 16;

    private int[] ids = EMPTY.ids;
    private int size;

    public void addAll(List<Integer> more) {
      if (size + more.size() > ids.length) {
        ids =
            Arrays.copyOf(
                ids, Math.max(LEAST_CAPACITY, Math.max(2 * ids.length, size + more.size())));
      }
      for (int id : more) {
        ids[size++] = id;
      }
    }

    public int size() {
      return size;
    }

    public TokenIds view() {
      return new TokenIds(ids, size);
    }
  }
}
