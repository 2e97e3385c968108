package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who holds which prefix, by example and against a list of what each holder has. */
class PrefixTreeTest {

  private static final int HOLDERS = 6;
  private static final int ADAPTERS = 2;

  private final PrefixTree tree = new PrefixTree(HOLDERS);

  @Test
  void findsWhatEachHolderHasOfATokenList() {
    hold(0, 1, 2, 3, 4);
    hold(1, 1, 2, 9);
    hold(2, 7);

    assertThat(tree.match(0, tokens(1, 2, 3, 5), 4)).startsWith(3, 2, 0);
    assertThat(tree.match(0, tokens(8), 1)).containsOnly(0);
  }

  @Test
  void findsNoMoreThanTheLimit() {
    hold(0, 1, 2, 3, 4);

    assertThat(tree.match(0, tokens(1, 2, 3, 4), 3)[0]).isEqualTo(3);
    assertThat(tree.match(0, tokens(1), 0)[0]).isZero();
  }

  @Test
  void sharesNothingBetweenAdapters() {
    tree.hold(0, 1, tokens(1, 2, 3), 3);

    assertThat(tree.match(0, tokens(1, 2, 3), 3)).containsOnly(0);
    assertThat(tree.match(1, tokens(1, 2, 3), 3)[0]).isEqualTo(3);
  }

  @Test
  void aHolderHoldsWhatItHeldLast() {
    hold(0, 1, 2, 3);
    hold(0, 1, 5);

    assertThat(tree.match(0, tokens(1, 2, 3), 3)[0]).isEqualTo(1);
    assertThat(tree.match(0, tokens(1, 5), 2)[0]).isEqualTo(2);
    assertThat(tree.heldTokens(0)).isEqualTo(2);
  }

  @Test
  void countsWhatNobodyElseHolds() {
    hold(0, 1, 2, 3, 4, 5);
    hold(1, 1, 2, 8);

    assertThat(tree.tokensHeldAlone(0, 0)).isEqualTo(3);
    assertThat(tree.tokensHeldAlone(0, 4)).isEqualTo(1);
    assertThat(tree.tokensHeldAlone(1, 0)).isEqualTo(1);
    assertThat(tree.tokensHeldAlone(2, 0)).isZero();
    tree.release(1);
    assertThat(tree.tokensHeldAlone(0, 0)).isEqualTo(5);
  }

  @Test
  void remembersWhatWasFoundUntilNobodyHoldsIt() {
    hold(0, 1, 2, 3, 4);
    assertThat(tree.wantedTokensHeldAlone(0)).isZero();
    tree.want(0, tokens(1, 2, 9), 3);

    assertThat(tree.wantedTokensHeldAlone(0)).isEqualTo(2);
    tree.release(0);
    hold(0, 1, 2, 3, 4);
    assertThat(tree.wantedTokensHeldAlone(0)).isZero();
  }

  @Test
  void aHolderThatGoesOnFromAFoundPrefixKeepsItsMark() {
    hold(0, 1, 2, 3, 4);
    tree.want(0, tokens(1, 2), 2);

    hold(0, 1, 2);
    assertThat(tree.wantedTokensHeldAlone(0)).isEqualTo(2);
    hold(0, 1, 2, 7, 8);
    assertThat(tree.wantedTokensHeldAlone(0)).isEqualTo(2);
  }

  @Test
  void whatSomeoneElseHoldsTooIsNotLost() {
    hold(0, 1, 2, 3);
    hold(1, 1, 2);
    tree.want(0, tokens(1, 2), 2);

    assertThat(tree.wantedTokensHeldAlone(0)).isZero();
    assertThat(tree.wantedTokensHeldAlone(1)).isZero();
    tree.release(1);
    assertThat(tree.wantedTokensHeldAlone(0)).isEqualTo(2);
  }

  @Test
  void aPrefixThatIsExtendedStaysOneRun() {
    hold(0, 1, 2);
    hold(0, 1, 2, 3);
    hold(1, 1, 2, 3, 4);
    hold(1, 1, 2, 3, 5);
    assertThat(tree.nodeCount()).isEqualTo(2);
    tree.release(1);
    assertThat(tree.nodeCount()).isEqualTo(1);
    tree.release(0);
    assertThat(tree.nodeCount()).isZero();
  }

  @Test
  void agreesWithAListOfWhatEachHolderHas() {
    for (long seed = 0; seed < 100; seed++) {
      new Comparison(seed).run();
    }
  }

  /** Random holders of short token lists, kept a second time as plain lists. */
  private static final class Comparison {
    private record Held(int adapter, int[] tokens) {
      boolean beginsWith(int otherAdapter, int[] other, int length) {
        return adapter == otherAdapter
            && tokens.length >= length
            && Arrays.equals(tokens, 0, length, other, 0, length);
      }
    }

    private final Random random;
    private final String seed;
    private final PrefixTree tree = new PrefixTree(HOLDERS);
    private final Map<Integer, Held> held = new TreeMap<>();

    /** Prefixes that were wanted and held ever since, as text with their adapter. */
    private final Set<String> wanted = new HashSet<>();

    Comparison(long seed) {
      this.random = new Random(seed);
      this.seed = "seed " + seed;
    }

    void run() {
      for (int change = 0; change < 60; change++) {
        change();
        check();
      }
      for (int holder = 0; holder < HOLDERS; holder++) {
        tree.release(holder);
      }
      assertThat(tree.nodeCount()).as(seed).isZero();
    }

    private void change() {
      int holder = random.nextInt(HOLDERS);
      int adapter = random.nextInt(ADAPTERS);
      int[] tokens = randomTokens();
      switch (random.nextInt(4)) {
        case 0 -> {
          tree.release(holder);
          held.remove(holder);
        }
        case 1 -> want(adapter, tokens);
        case 2 -> extendOrTrim(holder);
        default -> hold(holder, adapter, tokens, tokens.length);
      }
      wanted.removeIf(prefix -> !heldPrefixes().contains(prefix));
    }

    private void extendOrTrim(int holder) {
      Held former = held.get(holder);
      if (former == null) {
        return;
      }
      int[] more = Arrays.copyOf(former.tokens, former.tokens.length + 2);
      int length = random.nextBoolean() ? more.length : random.nextInt(former.tokens.length + 1);
      hold(holder, former.adapter, more, length);
    }

    private void hold(int holder, int adapter, int[] tokens, int length) {
      tree.hold(holder, adapter, tokens, length);
      held.remove(holder);
      if (length > 0) {
        held.put(holder, new Held(adapter, Arrays.copyOf(tokens, length)));
      }
    }

    private void want(int adapter, int[] tokens) {
      tree.want(adapter, tokens, tokens.length);
      for (int length = 1; length <= tokens.length; length++) {
        String prefix = text(adapter, tokens, length);
        if (heldPrefixes().contains(prefix)) {
          wanted.add(prefix);
        }
      }
    }

    private void check() {
      int adapter = random.nextInt(ADAPTERS);
      int[] tokens = randomTokens();
      int limit = random.nextInt(tokens.length + 1);
      int[] expected =
          IntStream.range(0, HOLDERS).map(h -> matched(h, adapter, tokens, limit)).toArray();
      assertThat(tree.match(adapter, tokens, limit)).as(seed).isEqualTo(expected);
      for (int holder = 0; holder < HOLDERS; holder++) {
        int length = held.containsKey(holder) ? held.get(holder).tokens.length : 0;
        int from = random.nextInt(4);
        assertThat(tree.heldTokens(holder)).as(seed).isEqualTo(length);
        assertThat(tree.tokensHeldAlone(holder, from))
            .as(seed)
            .isEqualTo(Math.max(0, length - Math.max(from, length - alone(holder))));
        assertThat(tree.wantedTokensHeldAlone(holder)).as(seed).isEqualTo(wantedAlone(holder));
      }
      assertThat(tree.nodeCount()).as("%s, runs as long as can be", seed).isEqualTo(nodes());
    }

    private int matched(int holder, int adapter, int[] tokens, int limit) {
      int length = 0;
      while (length < limit
          && held.containsKey(holder)
          && held.get(holder).beginsWith(adapter, tokens, length + 1)) {
        length++;
      }
      return length;
    }

    private int alone(int holder) {
      Held mine = held.get(holder);
      int shared = 0;
      for (Map.Entry<Integer, Held> other : held.entrySet()) {
        if (mine != null && other.getKey() != holder) {
          shared =
              Math.max(
                  shared, matched(other.getKey(), mine.adapter, mine.tokens, mine.tokens.length));
        }
      }
      return mine == null ? 0 : mine.tokens.length - shared;
    }

    private int wantedAlone(int holder) {
      Held mine = held.get(holder);
      int length = mine == null ? 0 : mine.tokens.length;
      int shared = length - alone(holder);
      while (length > shared && !wanted.contains(text(mine.adapter, mine.tokens, length))) {
        length--;
      }
      return length > shared ? length : 0;
    }

    /** Runs end where the holders change, where someone branches off, and where marks change. */
    private int nodes() {
      Set<String> ends = new HashSet<>();
      for (Held one : held.values()) {
        for (int length = 1; length <= one.tokens.length; length++) {
          String prefix = text(one.adapter, one.tokens, length);
          boolean goesOn =
              length < one.tokens.length && kind(one, length).equals(kind(one, length + 1));
          if (!goesOn) {
            ends.add(prefix);
          }
        }
      }
      return ends.size();
    }

    private String kind(Held one, int length) {
      Set<Integer> holders = new HashSet<>();
      held.forEach(
          (holder, other) -> {
            if (other.beginsWith(one.adapter, one.tokens, length)) {
              holders.add(holder);
            }
          });
      return holders + " " + wanted.contains(text(one.adapter, one.tokens, length));
    }

    private Set<String> heldPrefixes() {
      Set<String> prefixes = new HashSet<>();
      for (Held one : held.values()) {
        for (int length = 1; length <= one.tokens.length; length++) {
          prefixes.add(text(one.adapter, one.tokens, length));
        }
      }
      return prefixes;
    }

    private int[] randomTokens() {
      return random.ints(1 + random.nextInt(8), 0, 2).toArray();
    }

    private static String text(int adapter, int[] tokens, int length) {
      return adapter + Arrays.toString(Arrays.copyOf(tokens, length));
    }
  }

  private void hold(int holder, int... tokens) {
    tree.hold(holder, 0, tokens, tokens.length);
  }

  private static int[] tokens(int... tokens) {
    return tokens;
  }
}
