package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.jobs.dashboard.view.OverviewView.States;
import ai.falaj.jobs.dashboard.view.RequestState;
import ai.falaj.jobs.dashboard.view.RunningView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The latest requests, in the order in which they were first seen. Not thread-safe.
 *
 * <p>Bounded in three ways: requests, of which the oldest are forgotten; characters of their texts,
 * of which the oldest are; and chunks of texts that are being written, of which the request with
 * the most gives up its own (it is told as a number of tokens until its completion comes).
 */
final class RequestTable {

  private final Limits limits;
  private final boolean visible;
  private final Map<String, TrackedRequest> requests = new LinkedHashMap<>();
  private long textSize;
  private long liveChunks;
  private long forgottenBeforeEnd;

  /**
   * How much is kept.
   *
   * @param textCharacters of prompts and completions, of all requests together
   * @param liveChunks of texts that are being written; some 200 bytes each
   */
  record Limits(int requests, long textCharacters, long liveChunks) {
    static final Limits DEFAULT = new Limits(10_000, 32L << 20, 300_000);
  }

  RequestTable(Limits limits, boolean visible) {
    this.limits = limits;
    this.visible = visible;
  }

  /** Changes a request, which is made where it is not known. */
  TrackedRequest update(String requestId, Consumer<TrackedRequest> change) {
    String id = Names.bounded(requestId);
    TrackedRequest request =
        requests.computeIfAbsent(id, unknown -> new TrackedRequest(id, visible));
    long textBefore = request.textSize();
    long chunksBefore = request.liveChunks();
    change.accept(request);
    textSize += request.textSize() - textBefore;
    liveChunks += request.liveChunks() - chunksBefore;
    keepLimits();
    return request;
  }

  private void keepLimits() {
    while (requests.size() > limits.requests()) {
      Iterator<TrackedRequest> oldest = requests.values().iterator();
      TrackedRequest forgotten = oldest.next();
      oldest.remove();
      textSize -= forgotten.textSize();
      liveChunks -= forgotten.liveChunks();
      forgottenBeforeEnd += forgotten.state().isEnd() ? 0 : 1;
    }
    if (textSize > limits.textCharacters()) {
      dropOldTexts();
    }
    while (liveChunks > limits.liveChunks()) {
      dropLongestLiveText();
    }
  }

  /** Down to nine tenths, so that it is not done for every request that comes. */
  private void dropOldTexts() {
    long wanted = limits.textCharacters() / 10 * 9;
    for (TrackedRequest request : requests.values()) {
      if (textSize <= wanted) {
        return;
      }
      textSize -= request.textSize();
      request.dropTexts();
      textSize += request.textSize();
    }
  }

  private void dropLongestLiveText() {
    TrackedRequest longest = null;
    for (TrackedRequest request : requests.values()) {
      if (longest == null || request.liveChunks() > longest.liveChunks()) {
        longest = request;
      }
    }
    liveChunks -= longest.liveChunks();
    longest.dropLiveText();
  }

  Optional<TrackedRequest> find(String requestId) {
    return Optional.ofNullable(requests.get(Names.bounded(requestId)));
  }

  int size() {
    return requests.size();
  }

  /**
   * Requests that match, newest first.
   *
   * @param query a part of the id, the conversation or the tenant; empty: any
   * @param state empty: any
   */
  List<TrackedRequest> search(String query, Optional<RequestState> state, int limit) {
    String part = query.toLowerCase(Locale.ROOT);
    List<TrackedRequest> newestFirst = new ArrayList<>(requests.values());
    Collections.reverse(newestFirst);
    return newestFirst.stream()
        .filter(request -> state.isEmpty() || request.state() == state.get())
        .filter(request -> part.isEmpty() || request.matches(part))
        .limit(limit)
        .toList();
  }

  States states() {
    int queued = 0;
    int decoding = 0;
    for (TrackedRequest request : requests.values()) {
      queued += request.state() == RequestState.QUEUED ? 1 : 0;
      decoding += request.state() == RequestState.DECODING ? 1 : 0;
    }
    return new States(queued, decoding, forgottenBeforeEnd);
  }

  /** Requests that decode, then those that wait, oldest first. */
  RunningView running(int limit) {
    List<TrackedRequest> unfinished = new ArrayList<>();
    for (RequestState state : List.of(RequestState.DECODING, RequestState.QUEUED)) {
      requests.values().stream()
          .filter(request -> request.state() == state)
          .forEach(unfinished::add);
    }
    int shown = Math.min(limit, unfinished.size());
    return new RunningView(
        unfinished.subList(0, shown).stream().map(TrackedRequest::running).toList(),
        unfinished.size() - shown);
  }

  /** Unfinished requests by tenant. */
  Map<String, Integer> unfinishedByTenant() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    requests.values().stream()
        .filter(request -> !request.state().isEnd())
        .forEach(request -> counts.merge(request.tenant().orElse(""), 1, Integer::sum));
    return counts;
  }
}
