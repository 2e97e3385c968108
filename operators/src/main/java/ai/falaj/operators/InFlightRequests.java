package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The requests of one subtask that were accepted and have not left, in the order of their
 * acceptance, and the room that is left for more. Confined to the task mailbox thread.
 *
 * <p>Two bounds: {@code maxInFlight} requests, those included that only wait for their turn to
 * leave, and {@code maxInFlightTokens} estimated tokens of those that are in the runtime. A request
 * larger than the second bound gets room when the runtime has no other of this subtask. Requests
 * restored after scaling in may exceed the first bound; they are held back until there is room, and
 * nothing new is accepted before them.
 */
final class InFlightRequests {

  private final int maxRequests;
  private final long maxTokens;
  private final Set<ActiveRequest> all = new LinkedHashSet<>();
  private final Map<ByteBuffer, Set<ActiveRequest>> byKey = new HashMap<>();
  private final Deque<ActiveRequest> waiting = new ArrayDeque<>();
  private int submitted;
  private long submittedTokens;

  /** Written by the mailbox thread, read by metric reporters. */
  private volatile int size;

  private volatile long tokens;

  InFlightRequests(int maxRequests, long maxTokens) {
    this.maxRequests = maxRequests;
    this.maxTokens = maxTokens;
  }

  /** Whether a request of this cost may be accepted now. */
  boolean hasRoomFor(long tokenCost) {
    return waiting.isEmpty() && all.size() < maxRequests && hasTokensFor(tokenCost);
  }

  /** Accepts a request, which waits for its submission. */
  void add(ActiveRequest request) {
    if (!all.add(request)) {
      throw new IllegalStateException("accepted twice: " + request);
    }
    request
        .prompt
        .key()
        .ifPresent(key -> byKey.computeIfAbsent(key, k -> new LinkedHashSet<>()).add(request));
    size = all.size();
  }

  /** Puts a request at the end of the line for room in the runtime. */
  void enqueue(ActiveRequest request) {
    request.state = State.WAITING;
    waiting.addLast(request);
  }

  /** Puts a request that the runtime had no room for back at the head of the line. */
  void enqueueFirst(ActiveRequest request) {
    request.state = State.WAITING;
    waiting.addFirst(request);
  }

  /** The next request of the line, if there is room for it; it leaves the line. */
  ActiveRequest pollWaiting() {
    ActiveRequest next = waiting.peek();
    if (next == null || submitted >= maxRequests || !hasTokensFor(next.tokenCost)) {
      return null;
    }
    return waiting.poll();
  }

  /** Takes room in the runtime, until {@link #leftRuntime}. */
  void entersRuntime(ActiveRequest request) {
    submitted++;
    submittedTokens += request.tokenCost;
    tokens = submittedTokens;
  }

  void leftRuntime(ActiveRequest request) {
    submitted--;
    submittedTokens -= request.tokenCost;
    tokens = submittedTokens;
    if (submitted < 0 || submittedTokens < 0) {
      throw new IllegalStateException(
          "room was given back twice: %d requests and %d tokens left, by %s"
              .formatted(submitted, submittedTokens, request));
    }
  }

  void stopWaiting(ActiveRequest request) {
    waiting.remove(request);
  }

  /** The request has left. */
  void remove(ActiveRequest request) {
    if (!all.remove(request)) {
      throw new IllegalStateException("left twice: " + request);
    }
    request.prompt.key().ifPresent(key -> removeFromKey(key, request));
    size = all.size();
  }

  private void removeFromKey(ByteBuffer key, ActiveRequest request) {
    Set<ActiveRequest> sameKey = byKey.get(key);
    sameKey.remove(request);
    if (sameKey.isEmpty()) {
      byKey.remove(key);
    }
  }

  List<ActiveRequest> withKey(ByteBuffer key) {
    return List.copyOf(byKey.getOrDefault(key, Set.of()));
  }

  /** In the order of their acceptance. */
  Collection<ActiveRequest> all() {
    return all;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Any thread. */
  int size() {
    return size;
  }

  /** Estimated tokens of what is in the runtime. Any thread. */
  long tokens() {
    return tokens;
  }

  private boolean hasTokensFor(long tokenCost) {
    return submitted == 0 || submittedTokens + tokenCost <= maxTokens;
  }
}
