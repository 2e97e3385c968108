package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.view.ChunkBatchView.Entry;
import ai.falaj.jobs.dashboard.view.DeadLetterRow;
import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.jobs.dashboard.view.RequestRow;
import ai.falaj.jobs.dashboard.view.RequestState;
import ai.falaj.jobs.dashboard.view.RunningView.Running;
import ai.falaj.jobs.dashboard.view.TraceView;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One request as far as its records are known: they come from several topics in any order, each may
 * be missing, and chunks may come twice.
 *
 * <p>States: QUEUED with its prompt, DECODING with its first chunk; COMPLETED, CANCELLED or
 * DEAD_LETTERED with its result, whatever came before. A request that is sent again after its dead
 * letter goes on where its new records lead. Not thread-safe.
 */
final class TrackedRequest {

  private static final int MOST_ATTEMPTS = 16;
  private static final int MOST_SAMPLES = 64;
  private static final double MS_PER_SECOND = 1e3;

  private final String requestId;
  private final boolean visible;
  private final NavigableMap<Integer, LiveText> live = new TreeMap<>();
  private final NavigableMap<Integer, AttemptTally> attempts = new TreeMap<>();
  private final List<Entry> untold = new ArrayList<>();
  private RequestState state = RequestState.QUEUED;
  private String tenant;
  private String conversationId;
  private String askedModel;
  private Long createdAtMs;
  private Long firstChunkMs;
  private long lastChunkMs;
  private int liveChunks;
  private PromptRecord prompt;
  private CompletionRecord completion;
  private DeadLetterRow deadLetter;
  private int letterPartition;
  private long letterOffset;

  /** When it failed before its tenant was known. */
  private final List<Long> lettersBeforePromptMs = new ArrayList<>();

  TrackedRequest(String requestId, boolean visible) {
    this.requestId = requestId;
    this.visible = visible;
  }

  /** What the chunks of one attempt were. */
  private static final class AttemptTally {
    private int fromToken = Integer.MAX_VALUE;
    private int tokens;
    private int follows;
    private long firstMs = Long.MAX_VALUE;
    private long lastMs;

    void add(CompletionChunk chunk) {
      fromToken = Math.min(fromToken, chunk.getTokenOffset());
      tokens += chunk.getTokenCount();
      follows = chunk.getFollowsAttempt();
      firstMs = Math.min(firstMs, chunk.getEmittedAt().toEpochMilli());
      lastMs = Math.max(lastMs, chunk.getEmittedAt().toEpochMilli());
    }

    /**
     * @param number from 1: the numbers in chunks only tell which attempt is later
     */
    TraceView.Attempt view(int number, List<Integer> attempts) {
      int followed = attempts.indexOf(follows) + 1;
      return new TraceView.Attempt(
          number, followed == 0 ? null : followed, fromToken, tokens, firstMs, lastMs);
    }
  }

  void prompt(FeedRecord record, PromptRequest request) {
    prompt = PromptRecord.of(record, request, visible);
    tenant = Names.boundedOrNull(request.getTenant());
    conversationId = Names.boundedOrNull(request.getConversationId());
    askedModel = Names.boundedOrNull(request.getModel());
    createdAtMs = request.getCreatedAt().toEpochMilli();
    if (state == RequestState.DEAD_LETTERED && !isOfLetter(record)) {
      state = RequestState.QUEUED; // sent again
    }
  }

  /** Times of the letters that came before the prompt, once. */
  List<Long> takeLettersBeforePrompt() {
    List<Long> taken = List.copyOf(lettersBeforePromptMs);
    lettersBeforePromptMs.clear();
    return taken;
  }

  /** Topics are read in any order: the prompt of a letter may come after it. */
  private boolean isOfLetter(FeedRecord record) {
    return letterPartition == record.partition() && record.offset() <= letterOffset;
  }

  /**
   * Takes a chunk, unless the request has its completion.
   *
   * @return whether a text changed
   */
  boolean chunk(CompletionChunk chunk) {
    if (completion != null || chunk.getSample() < 0 || chunk.getSample() >= MOST_SAMPLES) {
      return false;
    }
    state = RequestState.DECODING;
    long emittedMs = chunk.getEmittedAt().toEpochMilli();
    firstChunkMs = firstChunkMs == null ? emittedMs : Math.min(firstChunkMs, emittedMs);
    lastChunkMs = Math.max(lastChunkMs, emittedMs);
    if (!visible) {
      chunk.setText("");
    }
    boolean changed =
        live.computeIfAbsent(
                chunk.getSample(),
                sample -> new LiveText(chunk.getRequestId(), requestId, sample, visible))
            .add(chunk);
    liveChunks++;
    if (changed && (attempts.containsKey(chunk.getAttempt()) || attempts.size() < MOST_ATTEMPTS)) {
      attempts.computeIfAbsent(chunk.getAttempt(), number -> new AttemptTally()).add(chunk);
    }
    return changed;
  }

  void completed(FeedRecord record, Completion result, long nowMs) {
    completion = CompletionRecord.of(record, result, visible, nowMs);
    tenant = result.getTenant() == null ? tenant : Names.bounded(result.getTenant());
    conversationId =
        result.getConversationId() == null
            ? conversationId
            : Names.bounded(result.getConversationId());
    state =
        result.getFinishReason() == FinishReason.CANCELLED
            ? RequestState.CANCELLED
            : RequestState.COMPLETED;
    dropLiveText();
  }

  void deadLettered(DeadLetterRow row, DeadLetter letter) {
    deadLetter = row;
    letterPartition = letter.getSourcePartition();
    letterOffset = letter.getSourceOffset();
    if (prompt == null && completion == null) {
      lettersBeforePromptMs.add(row.failedAt());
    }
    if (completion == null) {
      state = RequestState.DEAD_LETTERED;
      dropLiveText();
    }
  }

  /** Forgets what chunks brought: the result has it, or it is too much. Pages are told it yet. */
  void dropLiveText() {
    live.values().forEach(text -> text.takeChange().ifPresent(untold::add));
    live.clear();
    liveChunks = 0;
  }

  /** Forgets all texts. */
  void dropTexts() {
    prompt = prompt == null ? null : prompt.forgotten();
    completion = completion == null ? null : completion.forgotten();
  }

  /** Chunks whose text is held. */
  int liveChunks() {
    return liveChunks;
  }

  /** Characters of the texts that {@link #dropTexts} would forget. */
  long textSize() {
    return (prompt == null ? 0L : prompt.size()) + (completion == null ? 0L : completion.size());
  }

  String requestId() {
    return requestId;
  }

  RequestState state() {
    return state;
  }

  Optional<String> tenant() {
    return Optional.ofNullable(tenant);
  }

  /** Whether a part of one of its names is that. */
  boolean matches(String lowerCasePart) {
    return contains(requestId, lowerCasePart)
        || contains(tenant, lowerCasePart)
        || contains(conversationId, lowerCasePart);
  }

  private static boolean contains(String name, String lowerCasePart) {
    return name != null && name.toLowerCase(Locale.ROOT).contains(lowerCasePart);
  }

  /** Adds what texts became since the last call. */
  void takeChanges(List<Entry> changes) {
    changes.addAll(untold);
    untold.clear();
    live.values().forEach(text -> text.takeChange().ifPresent(changes::add));
  }

  RequestRow row() {
    Usage usage = completion == null ? null : completion.usage();
    Timings timings = completion == null ? null : completion.timings();
    return new RequestRow(
        requestId,
        state,
        tenant,
        conversationId,
        completion == null ? askedModel : completion.model(),
        createdAtMs,
        endedAtMs(),
        usage == null ? null : usage.getPromptTokens(),
        usage == null ? null : usage.getCachedTokens(),
        usage == null ? reasoningTokensOrNull() : Integer.valueOf(usage.getReasoningTokens()),
        usage == null ? tokensOrNull() : Integer.valueOf(usage.getCompletionTokens()),
        timings == null ? null : timings.getQueueMs(),
        timings == null ? null : timings.getTimeToFirstTokenMs(),
        timings == null ? null : timings.getTotalMs(),
        completion == null ? null : completion.finishReason().name(),
        state == RequestState.DEAD_LETTERED ? deadLetter.errorCode() : null,
        completion == null ? null : completion.attempts(),
        completion == null ? null : completion.samples().size());
  }

  private Integer tokensOrNull() {
    return live.isEmpty() ? null : Integer.valueOf(tokens());
  }

  private Integer reasoningTokensOrNull() {
    return live.isEmpty() ? null : Integer.valueOf(reasoningTokens());
  }

  private int tokens() {
    return live.values().stream().mapToInt(LiveText::tokens).sum();
  }

  private int reasoningTokens() {
    return live.values().stream().mapToInt(LiveText::reasoningTokens).sum();
  }

  private Long endedAtMs() {
    if (completion != null) {
      return completion.completedAtMs();
    }
    return state == RequestState.DEAD_LETTERED ? Long.valueOf(deadLetter.failedAt()) : null;
  }

  Running running() {
    boolean hasSpeed = firstChunkMs != null && lastChunkMs > firstChunkMs;
    return new Running(
        requestId,
        tenant,
        askedModel,
        state,
        createdAtMs,
        firstChunkMs,
        tokens(),
        reasoningTokens(),
        Math.max(1, live.size()),
        attempts.size(),
        hasSpeed ? tokens() * MS_PER_SECOND / (lastChunkMs - firstChunkMs) : null);
  }

  /**
   * @param withTexts false leaves the samples out, which may be long
   */
  TraceView trace(boolean withTexts) {
    List<TraceView.Attempt> tallies = new ArrayList<>();
    List<Integer> numbers = List.copyOf(attempts.keySet());
    attempts.values().forEach(tally -> tallies.add(tally.view(tallies.size() + 1, numbers)));
    return new TraceView(
        row(),
        prompt == null ? null : prompt.view(),
        phases(),
        tallies,
        withTexts ? samples() : null,
        completion == null ? null : completion.view(),
        deadLetter);
  }

  private List<TraceView.Sample> samples() {
    if (completion != null) {
      return completion.samples().stream().map(CompletionRecord.Sample::view).toList();
    }
    List<TraceView.Sample> samples = new ArrayList<>();
    live.forEach(
        (index, text) ->
            samples.add(
                new TraceView.Sample(
                    index,
                    text.answer().view(),
                    text.reasoning().view(),
                    text.tokens(),
                    text.finishReason().map(FinishReason::name).orElse(null))));
    return samples;
  }

  /** Counted back from the end, as the completion's timings are all from the job's receipt on. */
  private List<TraceView.Phase> phases() {
    List<TraceView.Phase> phases = new ArrayList<>();
    if (completion == null) {
      if (createdAtMs != null && firstChunkMs != null) {
        phases.add(new TraceView.Phase("UNTIL_FIRST_TOKEN", createdAtMs, firstChunkMs));
        phases.add(new TraceView.Phase("DECODE", firstChunkMs, lastChunkMs));
      }
      return phases;
    }
    Timings timings = completion.timings();
    long receivedMs = completion.completedAtMs() - timings.getTotalMs();
    long prefillMs = receivedMs + timings.getQueueMs();
    long firstTokenMs = receivedMs + timings.getTimeToFirstTokenMs();
    if (createdAtMs != null && createdAtMs <= receivedMs) {
      phases.add(new TraceView.Phase("TRANSPORT", createdAtMs, receivedMs));
    }
    phases.add(new TraceView.Phase("QUEUE", receivedMs, prefillMs));
    phases.add(new TraceView.Phase("PREFILL", prefillMs, Math.max(prefillMs, firstTokenMs)));
    phases.add(
        new TraceView.Phase(
            "DECODE", Math.max(prefillMs, firstTokenMs), completion.completedAtMs()));
    return phases;
  }

  /** All of a text that is kept; empty where it is hidden, forgotten or not there. */
  Optional<String> text(int sample, String channel) {
    if (channel.equals("prompt")) {
      return Optional.ofNullable(prompt).flatMap(PromptRecord::text);
    }
    boolean isAnswer = channel.equals("answer");
    if (completion != null) {
      return completion.samples().stream()
          .filter(text -> text.index() == sample)
          .findFirst()
          .flatMap(text -> (isAnswer ? text.answer() : text.reasoning()).text());
    }
    return Optional.ofNullable(live.get(sample))
        .flatMap(text -> (isAnswer ? text.answer() : text.reasoning()).text());
  }
}
