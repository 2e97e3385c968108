package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.feed.FeedRecord.Content;
import ai.falaj.jobs.dashboard.view.BucketView;
import ai.falaj.jobs.dashboard.view.ChunkBatchView;
import ai.falaj.jobs.dashboard.view.DeadLetterRow;
import ai.falaj.jobs.dashboard.view.ModelView;
import ai.falaj.jobs.dashboard.view.OverviewView;
import ai.falaj.jobs.dashboard.view.RequestRow;
import ai.falaj.jobs.dashboard.view.RequestState;
import ai.falaj.jobs.dashboard.view.RunningView;
import ai.falaj.jobs.dashboard.view.TenantsView;
import ai.falaj.jobs.dashboard.view.TraceView;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All that the dashboard knows, in bounded memory: made of the records it is given and nothing
 * else, so that the same records give the same figures whenever they are read.
 *
 * <p>Any thread; its monitor guards everything, and what it returns is immutable.
 */
public final class FeedState {

  private static final long CURRENCY_SCALE = 1_000_000_000L;

  private final boolean visible;
  private final Timeline timeline = new Timeline();
  private final Tally tally = new Tally();
  private final TenantTable tenants = new TenantTable();
  private final ModelTable models = new ModelTable();
  private final RequestTable requests;
  private final AnalyticsRows rows = new AnalyticsRows();
  private final Map<String, TrackedRequest> changed = new LinkedHashMap<>();
  private final List<RequestRow> completions = new ArrayList<>();
  private final List<DeadLetterRow> deadLetters = new ArrayList<>();
  private int chunksOfBatch;
  private Long newestOfBatch;

  /**
   * @param visible whether texts of prompts and completions are kept at all
   */
  public FeedState(boolean visible) {
    this(visible, RequestTable.Limits.DEFAULT);
  }

  FeedState(boolean visible, RequestTable.Limits limits) {
    this.visible = visible;
    this.requests = new RequestTable(limits, visible);
  }

  /** Takes records, in the order of each partition. */
  public synchronized void apply(List<FeedRecord> records, long nowMs) {
    for (FeedRecord record : records) {
      switch (record.kind()) {
        case PROMPTS -> record.value(PromptRequest.class).ifPresent(p -> prompt(record, p));
        case CHUNKS -> record.value(CompletionChunk.class).ifPresent(c -> chunk(c, nowMs));
        case COMPLETIONS ->
            record.value(Completion.class).ifPresent(c -> completion(record, c, nowMs));
        case DEAD_LETTERS ->
            record.value(DeadLetter.class).ifPresent(d -> deadLetter(record, d, nowMs));
        case USAGE, LABELS, BUDGET_ALERTS -> rows.apply(record);
      }
      tally.undecodable += record.content() instanceof Content.Undecodable ? 1 : 0;
    }
  }

  private void prompt(FeedRecord record, PromptRequest prompt) {
    tally.prompts++;
    TrackedRequest request =
        change(prompt.getRequestId(), tracked -> tracked.prompt(record, prompt));
    request
        .takeLettersBeforePrompt()
        .forEach(failedMs -> tenants.attributeDeadLetter(failedMs, request.tenant()));
  }

  private void chunk(CompletionChunk chunk, long nowMs) {
    timeline.add(chunk, nowMs);
    tally.add(chunk);
    change(chunk.getRequestId(), request -> request.chunk(chunk));
    chunksOfBatch++;
    long emittedMs = chunk.getEmittedAt().toEpochMilli();
    newestOfBatch = newestOfBatch == null ? emittedMs : Math.max(newestOfBatch, emittedMs);
  }

  private void completion(FeedRecord record, Completion completion, long nowMs) {
    timeline.add(completion, nowMs);
    tally.add(completion);
    tenants.add(completion);
    models.add(completion);
    TrackedRequest request =
        change(completion.getRequestId(), tracked -> tracked.completed(record, completion, nowMs));
    completions.add(request.row());
  }

  private void deadLetter(FeedRecord record, DeadLetter letter, long nowMs) {
    timeline.add(letter, nowMs);
    tally.deadLetters++;
    DeadLetterRow row = DeadLetterRows.of(record, letter);
    deadLetters.add(row);
    long failedMs = letter.getFailedAt().toEpochMilli();
    if (letter.getRequestId() == null) {
      tenants.addDeadLetter(failedMs, Optional.empty());
      return;
    }
    TrackedRequest request =
        change(letter.getRequestId(), tracked -> tracked.deadLettered(row, letter));
    tenants.addDeadLetter(failedMs, request.tenant());
  }

  private TrackedRequest change(String requestId, Consumer<TrackedRequest> change) {
    TrackedRequest request = requests.update(requestId, change);
    changed.put(request.requestId(), request);
    return request;
  }

  /** What happened since the last call. Call it often: what it returns is kept until then. */
  public synchronized FeedBatch takeBatch() {
    List<ChunkBatchView.Entry> entries = new ArrayList<>();
    changed.values().forEach(request -> request.takeChanges(entries));
    FeedBatch batch =
        new FeedBatch(
            new ChunkBatchView(entries, chunksOfBatch, newestOfBatch),
            List.copyOf(completions),
            List.copyOf(deadLetters),
            rows.takeUsage(),
            rows.takeLabels(),
            rows.takeAlerts(),
            Set.copyOf(changed.keySet()));
    changed.clear();
    completions.clear();
    deadLetters.clear();
    chunksOfBatch = 0;
    newestOfBatch = null;
    return batch;
  }

  /**
   * The figures of now, with the buckets that changed since the last call.
   *
   * @param pages that are open
   */
  public synchronized OverviewView overview(long nowMs, int pages) {
    OptionalLong latest = timeline.latestMs();
    return new OverviewView(
        nowMs,
        latest.isPresent() ? Long.valueOf(latest.getAsLong()) : null,
        tally.view(timeline.ahead()),
        requests.states(),
        timeline.lastMinute(),
        timeline.takeChanged(),
        pages);
  }

  /** The latest time that a record tells of itself; null before the first. */
  public synchronized Long latestEventTime() {
    return timeline.latestMs().isPresent() ? Long.valueOf(timeline.latestMs().getAsLong()) : null;
  }

  /** Buckets of the last so many minutes of event time, oldest first. */
  public synchronized List<BucketView> history(Resolution resolution, int minutes) {
    return timeline.since(resolution, minutes);
  }

  /** Unfinished requests, oldest first. */
  public synchronized RunningView running(int limit) {
    return requests.running(limit);
  }

  /** Requests that match, newest first. */
  public synchronized List<RequestRow> search(
      String query, Optional<RequestState> state, int limit) {
    return requests.search(query, state, limit).stream().map(TrackedRequest::row).toList();
  }

  /** All that is known of a request; empty where it is not remembered. */
  public synchronized Optional<TraceView> trace(String requestId, boolean withTexts) {
    return requests.find(requestId).map(request -> request.trace(withTexts));
  }

  /** Whether the request is remembered. */
  public synchronized boolean knows(String requestId) {
    return requests.find(requestId).isPresent();
  }

  /** All of a text that is kept: {@code answer}, {@code reasoning} or {@code prompt}. */
  public synchronized Optional<String> text(String requestId, int sample, String channel) {
    return requests.find(requestId).flatMap(request -> request.text(sample, channel));
  }

  public synchronized TenantsView tenants() {
    return new TenantsView(
        tenants.view(requests.unfinishedByTenant()), rows.alerts(), CURRENCY_SCALE);
  }

  public synchronized List<ModelView> models() {
    return models.view();
  }

  /** Rows of {@code falaj.usage} of one length and grouping, of the last so many minutes. */
  public synchronized List<Map<String, Object>> usage(String window, String grouping, int minutes) {
    return rows.usage(window, grouping, minutes);
  }

  /** Likewise of {@code falaj.labels}. */
  public synchronized List<Map<String, Object>> labels(
      String window, String grouping, int minutes) {
    return rows.labels(window, grouping, minutes);
  }

  /** Whether texts of prompts and completions are kept. */
  public boolean isVisible() {
    return visible;
  }
}
