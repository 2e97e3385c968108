package ai.falaj.runtime.grammar;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * A set of code points, as sorted ranges with gaps between them. Only code points that text can
 * hold and llama.cpp's grammars can match: no surrogates and no NUL. Immutable.
 */
record CharSet(List<Range> ranges) {

  static final int FIRST = 1;
  static final int LAST = Character.MAX_CODE_POINT;

  static final CharSet NONE = new CharSet(List.of());

  /** Every code point that text can hold. */
  static final CharSet ALL =
      new CharSet(
          List.of(
              new Range(FIRST, Character.MIN_SURROGATE - 1),
              new Range(Character.MAX_SURROGATE + 1, LAST)));

  /** Both ends belong to it. */
  record Range(int first, int last) {}

  CharSet {
    ranges = List.copyOf(ranges);
  }

  static CharSet of(int codePoint) {
    return range(codePoint, codePoint);
  }

  static CharSet of(String characters) {
    return union(characters.codePoints().mapToObj(CharSet::of).toArray(CharSet[]::new));
  }

  /** All of the range that text can hold. */
  static CharSet range(int first, int last) {
    return new CharSet(List.of(new Range(first, last))).intersect(ALL);
  }

  static CharSet union(CharSet... sets) {
    List<Range> sorted = new ArrayList<>();
    for (CharSet set : sets) {
      sorted.addAll(set.ranges);
    }
    sorted.sort(Comparator.comparingInt(Range::first));
    List<Range> merged = new ArrayList<>();
    for (Range range : sorted) {
      Range before = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (before != null && range.first <= before.last + 1) {
        merged.set(merged.size() - 1, new Range(before.first, Math.max(before.last, range.last)));
      } else {
        merged.add(range);
      }
    }
    return new CharSet(merged);
  }

  CharSet or(CharSet other) {
    return union(this, other);
  }

  CharSet intersect(CharSet other) {
    List<Range> common = new ArrayList<>();
    int mine = 0;
    int theirs = 0;
    while (mine < ranges.size() && theirs < other.ranges.size()) {
      Range a = ranges.get(mine);
      Range b = other.ranges.get(theirs);
      int first = Math.max(a.first, b.first);
      int last = Math.min(a.last, b.last);
      if (first <= last) {
        common.add(new Range(first, last));
      }
      if (a.last < b.last) {
        mine++;
      } else {
        theirs++;
      }
    }
    return new CharSet(common);
  }

  /** All code points that text can hold and this set does not. */
  CharSet complement() {
    List<Range> gaps = new ArrayList<>();
    int next = FIRST;
    for (Range range : ranges) {
      if (next < range.first) {
        gaps.add(new Range(next, range.first - 1));
      }
      next = range.last + 1;
    }
    if (next <= LAST) {
      gaps.add(new Range(next, LAST));
    }
    return new CharSet(gaps).intersect(ALL);
  }

  CharSet minus(CharSet other) {
    return intersect(other.complement());
  }

  boolean contains(int codePoint) {
    for (Range range : ranges) {
      if (range.first <= codePoint && codePoint <= range.last) {
        return true;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  /**
   * The coarsest ranges in order, none overlapping another, of which each set is a union: code
   * points of one of them are alike to all sets.
   */
  static List<Range> partition(Collection<CharSet> sets) {
    TreeSet<Integer> cutPoints = new TreeSet<>();
    for (CharSet set : sets) {
      for (Range range : set.ranges) {
        cutPoints.add(range.first);
        cutPoints.add(range.last + 1);
      }
    }
    List<Integer> cuts = List.copyOf(cutPoints);
    List<Range> parts = new ArrayList<>();
    for (int i = 0; i + 1 < cuts.size(); i++) {
      parts.add(new Range(cuts.get(i), cuts.get(i + 1) - 1));
    }
    return parts;
  }
}
