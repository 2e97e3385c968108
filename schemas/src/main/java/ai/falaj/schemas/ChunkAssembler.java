package ai.falaj.schemas;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Puts the chunks of one sample of one request together, so that whoever reads them ends with the
 * text of the request's {@link Completion}. {@link CompletionAssembler} does it for all samples.
 *
 * <p>The chunk topic is written at least once: chunks come twice, and after a failure a higher
 * attempt writes again what a lower one wrote already. An attempt begins at token 0 or where a
 * chunk of a lower attempt ended, and replaces everything from there on. What is shown depends only
 * on the set of chunks that were added, never on their order:
 *
 * <ul>
 *   <li>the highest attempt counts, and before its first {@code token_offset} the one whose chunks
 *       it says that it follows, found in the same way down to token 0. Of chunks before version 5,
 *       which do not say, it is the highest of the lower attempts that has a chunk which ends just
 *       there. Where none is known yet, the highest shows as far as it reaches without a hole,
 *   <li>all chunks of other attempts, and chunks that reach over such a point, are outdated,
 *   <li>a chunk with an attempt and sequence that was seen before is a repeat; sequences count
 *       within the attempt and the sample,
 *   <li>a chunk whose predecessor is missing is held until the predecessor arrives.
 * </ul>
 *
 * <p>An outdated chunk may count again: an operator that started over after a failure of the engine
 * and is then killed goes on from a checkpoint that is older than that. So all chunks are kept,
 * each once, for as long as the assembler lives: its text and some 200 bytes, times the attempts
 * that wrote it. A reader drops the assembler with the request. Not thread-safe.
 */
public final class ChunkAssembler {

  private final String requestId;
  private final int sample;
  private final NavigableMap<Integer, Attempt> attempts = new TreeMap<>();
  private final List<CompletionChunk> shown = new ArrayList<>();
  private final StringBuilder answer = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private int tokens;

  /** For the first sample, which is the only one where the request does not ask for more. */
  public ChunkAssembler(String requestId) {
    this(requestId, 0);
  }

  public ChunkAssembler(String requestId, int sample) {
    this.requestId = Objects.requireNonNull(requestId, "requestId");
    this.sample = sample;
  }

  /**
   * Takes a chunk.
   *
   * @return what changed for the eye
   * @throws IllegalArgumentException if the chunk belongs to another request or sample
   */
  public Update add(CompletionChunk chunk) {
    if (!chunk.getRequestId().equals(requestId) || chunk.getSample() != sample) {
      throw new IllegalArgumentException(
          "a chunk of request %s, sample %d was added to request %s, sample %d"
              .formatted(chunk.getRequestId(), chunk.getSample(), requestId, sample));
    }
    Attempt attempt = attempts.computeIfAbsent(chunk.getAttempt(), number -> new Attempt());
    if (!attempt.add(chunk)) {
      return Update.NOTHING;
    }
    if (followsTheLastShown(chunk)) {
      show(chunk);
      if (attempt.hasAfter(chunk)) {
        return replaceFrom(shown.size() - 1);
      }
      return new Update(0, List.of(chunk));
    }
    return replaceFrom(shown.size());
  }

  /** Text of the answer as far as it is known without a hole. */
  public String answer() {
    return answer.toString();
  }

  /** Text of the reasoning as far as it is known without a hole; empty where there is none. */
  public String reasoning() {
    return reasoning.toString();
  }

  /** Completion tokens whose text is shown. */
  public int tokens() {
    return tokens;
  }

  /** The chunks that count, in order and without a hole. */
  public List<CompletionChunk> chunks() {
    return Collections.unmodifiableList(shown);
  }

  /** The highest attempt seen; 0 before the first chunk. */
  public int attempt() {
    return attempts.isEmpty() ? 0 : attempts.lastKey();
  }

  /**
   * Why the generation ended; empty until its last chunk is here and nothing before it is missing.
   */
  public Optional<FinishReason> finishReason() {
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    return Optional.ofNullable(shown.get(shown.size() - 1).getFinishReason());
  }

  /**
   * Whether the text is whole. A higher attempt may still replace it until its Completion is out.
   */
  public boolean isComplete() {
    return finishReason().isPresent();
  }

  private boolean followsTheLastShown(CompletionChunk chunk) {
    if (shown.isEmpty() || chunk.getAttempt() != attempts.lastKey()) {
      return false;
    }
    CompletionChunk last = shown.get(shown.size() - 1);
    return last.getAttempt() == chunk.getAttempt()
        && last.getSequence() + 1 == chunk.getSequence()
        && tokens == chunk.getTokenOffset();
  }

  /**
   * Works out anew what counts.
   *
   * @param knownBefore how many of the shown chunks the reader has seen
   */
  private Update replaceFrom(int knownBefore) {
    List<CompletionChunk> now = chunksThatCount();
    int same = 0;
    while (same < Math.min(knownBefore, now.size()) && shown.get(same) == now.get(same)) {
      same++;
    }
    if (same < shown.size()) {
      shown.clear();
      answer.setLength(0);
      reasoning.setLength(0);
      tokens = 0;
      now.subList(0, same).forEach(this::show);
    }
    List<CompletionChunk> appended = List.copyOf(now.subList(same, now.size()));
    appended.forEach(this::show);
    int dropped = knownBefore - same;
    return dropped == 0 && appended.isEmpty() ? Update.NOTHING : new Update(dropped, appended);
  }

  private List<CompletionChunk> chunksThatCount() {
    NavigableMap<Integer, List<CompletionChunk>> before = new TreeMap<>();
    for (var attempt : attempts.entrySet()) {
      before.put(attempt.getKey(), before(attempt.getValue(), before));
    }
    return upTo(Integer.MAX_VALUE, attempts.lastKey(), before.lastEntry().getValue());
  }

  /**
   * What counts before an attempt: the chunks of the attempt that it follows; where that is not
   * known, of the highest one whose chunks reach to its start and no further, or else of the
   * highest one that has chunks before it.
   *
   * @param lower what counts before each of the lower attempts
   */
  private List<CompletionChunk> before(
      Attempt asking, NavigableMap<Integer, List<CompletionChunk>> lower) {
    int token = asking.start;
    List<CompletionChunk> incomplete = null;
    if (lower.containsKey(asking.follows)) {
      return upTo(token, asking.follows, lower.get(asking.follows));
    }
    for (var attempt : lower.descendingMap().entrySet()) {
      if (attempts.get(attempt.getKey()).start < token) {
        List<CompletionChunk> chunks = upTo(token, attempt.getKey(), attempt.getValue());
        if (endOf(chunks) == token) {
          return chunks;
        }
        incomplete = incomplete == null ? chunks : incomplete;
      }
    }
    return incomplete == null ? List.of() : incomplete;
  }

  /** What counts before an attempt, and its own chunks without a hole as far as that token. */
  private List<CompletionChunk> upTo(int token, int number, List<CompletionChunk> before) {
    Attempt attempt = attempts.get(number);
    int nextToken = endOf(before);
    if (nextToken != attempt.start || !attempt.mayFollow(before)) {
      return before;
    }
    List<CompletionChunk> counting = new ArrayList<>(before);
    int nextSequence = 0;
    for (CompletionChunk chunk : attempt.chunks.values()) {
      if (chunk.getSequence() != nextSequence
          || chunk.getTokenOffset() != nextToken
          || nextToken == token
          || chunk.getTokenCount() > token - nextToken) {
        return counting;
      }
      counting.add(chunk);
      nextSequence++;
      nextToken += chunk.getTokenCount();
    }
    return counting;
  }

  private static int endOf(List<CompletionChunk> chunks) {
    if (chunks.isEmpty()) {
      return 0;
    }
    CompletionChunk last = chunks.get(chunks.size() - 1);
    return last.getTokenOffset() + last.getTokenCount();
  }

  private void show(CompletionChunk chunk) {
    shown.add(chunk);
    tokens += chunk.getTokenCount();
    (chunk.getChannel() == Channel.REASONING ? reasoning : answer).append(chunk.getText());
  }

  /**
   * What a chunk changed.
   *
   * @param dropped how many of the chunks that were shown last are outdated now
   * @param appended chunks that come after the ones that stay, in order
   */
  public record Update(int dropped, List<CompletionChunk> appended) {
    static final Update NOTHING = new Update(0, List.of());

    public Update {
      appended = List.copyOf(appended);
    }

    public boolean isNothing() {
      return dropped == 0 && appended.isEmpty();
    }
  }

  /** The chunks of one attempt by sequence. */
  private static final class Attempt {
    private final NavigableMap<Integer, CompletionChunk> chunks = new TreeMap<>();
    private int start = Integer.MAX_VALUE;

    /** All chunks of an attempt say the same. */
    private int follows;

    boolean add(CompletionChunk chunk) {
      start = Math.min(start, chunk.getTokenOffset());
      follows = chunk.getFollowsAttempt();
      return chunks.putIfAbsent(chunk.getSequence(), chunk) == null;
    }

    boolean mayFollow(List<CompletionChunk> before) {
      return follows == 0
          || !before.isEmpty() && before.get(before.size() - 1).getAttempt() == follows;
    }

    boolean hasAfter(CompletionChunk chunk) {
      return chunks.lastKey() > chunk.getSequence();
    }
  }
}
