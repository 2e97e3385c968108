package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
 * larger than the second bound gets room when the runtime has no other of this subtask. One request
 * more than the bounds allow is accepted and waits in line; those restored after scaling in may be
 * many more, and nothing new is accepted before them.
 */
final class InFlightRequests {

  private final int maxRequests;
  private final long maxTokens;
  private final CapacityGate gate;
  private final Set<ActiveRequest> all = new LinkedHashSet<>();
  private final Map<ByteBuffer, List<ActiveRequest>> byKey = new HashMap<>();
  private final Deque<ActiveRequest> waiting = new ArrayDeque<>();
  private int submitted;
  private long submittedTokens;

  /** Written by the mailbox thread, read by metric reporters. */
  private volatile int size;

  private volatile long tokens;

  /**
   * @param gate kept open while there is room for another request
   */
  InFlightRequests(int maxRequests, long maxTokens, CapacityGate gate) {
    this.maxRequests = maxRequests;
    this.maxTokens = maxTokens;
    this.gate = gate;
  }

  /** Whether another request may be accepted now. */
  boolean hasRoom() {
    return waiting.isEmpty() && all.size() < maxRequests && hasTokensFor(0);
  }

  /** Whether one request too many was accepted, so that no other must come until some have left. */
  boolean isOverfull() {
    return all.size() > maxRequests || waiting.size() > 1;
  }

  /** Accepts a request, which waits for its submission. */
  void add(ActiveRequest request) {
    if (!all.add(request)) {
      throw new IllegalStateException("accepted twice: " + request);
    }
    request
        .prompt
        .key()
        .ifPresent(key -> byKey.computeIfAbsent(key, k -> new ArrayList<>(1)).add(request));
    size = all.size();
    updateGate();
  }

  /** Puts a request at the end of the line for room in the runtime. */
  void enqueue(ActiveRequest request) {
    request.state = State.WAITING;
    waiting.addLast(request);
    updateGate();
  }

  /** Puts a request that was in the runtime before at the head of the line. */
  void enqueueFirst(ActiveRequest request) {
    request.state = State.WAITING;
    waiting.addFirst(request);
    updateGate();
  }

  /** Whether a request is in the line, and there is room in the runtime for the first of it. */
  boolean hasRoomForNext() {
    ActiveRequest next = waiting.peek();
    return next != null && submitted < maxRequests && hasTokensFor(next.tokenCost);
  }

  /** The first of the line. */
  ActiveRequest nextWaiting() {
    return waiting.element();
  }

  /** The first of the line leaves it. */
  ActiveRequest pollWaiting() {
    ActiveRequest next = waiting.remove();
    updateGate();
    return next;
  }

  /** Takes room in the runtime, until {@link #leftRuntime}. */
  void entersRuntime(ActiveRequest request) {
    submitted++;
    submittedTokens += request.tokenCost;
    tokens = submittedTokens;
    updateGate();
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
    updateGate();
  }

  void stopWaiting(ActiveRequest request) {
    waiting.remove(request);
    updateGate();
  }

  /** The request has left. */
  void remove(ActiveRequest request) {
    if (!all.remove(request)) {
      throw new IllegalStateException("left twice: " + request);
    }
    request.prompt.key().ifPresent(key -> removeFromKey(key, request));
    size = all.size();
    updateGate();
  }

  private void removeFromKey(ByteBuffer key, ActiveRequest request) {
    List<ActiveRequest> sameKey = byKey.get(key);
    sameKey.remove(request);
    if (sameKey.isEmpty()) {
      byKey.remove(key);
    }
  }

  List<ActiveRequest> withKey(ByteBuffer key) {
    return List.copyOf(byKey.getOrDefault(key, List.of()));
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

  private void updateGate() {
    gate.setOpen(hasRoom());
  }

  private boolean hasTokensFor(long tokenCost) {
    return submitted == 0 || submittedTokens + tokenCost <= maxTokens;
  }
}
