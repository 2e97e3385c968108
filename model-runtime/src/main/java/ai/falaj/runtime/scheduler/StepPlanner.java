package ai.falaj.runtime.scheduler;

import ai.falaj.runtime.scheduler.KvSlots.Placement;
import ai.falaj.runtime.scheduler.ScheduledSequence.Phase;
import ai.falaj.runtime.scheduler.StepPlan.Admitted;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Fills one step: decoding sequences first, then prompts that were begun, then new ones, in order
 * of priority. Confined to the scheduler's owner.
 *
 * <p>Prompt tokens are bounded in a step that also decodes. A prompt whose beginning another
 * sequence is computing just now waits for it, if that is worth {@link #WORTH_WAITING_TOKENS}: the
 * instruction that a thousand prompts share is computed once, also when they arrive together.
 */
final class StepPlanner {

  /** Below this it is cheaper to compute a common prefix twice than to wait for a step. */
  static final int WORTH_WAITING_TOKENS = 16;

  /** Waiting sequences that one plan looks at and passes over. */
  private static final int MAX_SKIPPED = 32;

  /** A sequence that lost its slot so often keeps it, whatever the priority of others. */
  static final int MAX_PREEMPTIONS_BY_PRIORITY = 3;

  private final SchedulerConfig config;
  private final KvSlots slots;
  private final FairQueue waiting;
  private final Map<Long, ScheduledSequence> running;
  private final StepTimes times;
  private long admissions;
  private long steps;

  StepPlanner(
      SchedulerConfig config,
      KvSlots slots,
      FairQueue waiting,
      Map<Long, ScheduledSequence> running,
      StepTimes times) {
    this.config = config;
    this.slots = slots;
    this.waiting = waiting;
    this.running = running;
    this.times = times;
  }

  /** What was decided for one step. */
  record Step(
      StepGroup group, List<Admitted> admitted, List<Long> preempted, List<SequenceWork> work) {}

  /** A step that is being filled. */
  private static final class Draft {
    private final long nowMs;
    private final List<Admitted> admitted = new ArrayList<>();
    private final List<Long> preempted = new ArrayList<>();
    private final List<SequenceWork> work = new ArrayList<>();
    private final Set<Long> skipped = new HashSet<>();

    /** Running sequences whose prompts are still to get tokens in this step. */
    private Deque<ScheduledSequence> begun = new ArrayDeque<>();

    private StepGroup group = StepGroup.ofAdapter(0);
    private int decoding;
    private int mostUrgentDecoding = Integer.MIN_VALUE;
    private int prefillTokens;

    /** KV entries that the work so far will take. */
    private long kvTokens;

    Draft(long nowMs) {
      this.nowMs = nowMs;
    }

    /** All work will be of this group; there is none yet. */
    void tryGroup(StepGroup group) {
      this.group = group;
      skipped.clear();
      skipped.addAll(preempted);
    }

    void add(SequenceWork item) {
      work.add(item);
      kvTokens += item.rows();
    }

    boolean hasWorkFor(long sequenceId) {
      return work.stream().anyMatch(item -> item.sequenceId() == sequenceId);
    }

    boolean admits(long sequenceId) {
      return admitted.stream().anyMatch(one -> one.sequenceId() == sequenceId);
    }

    /** The sequence loses its slot: it is in no work, and is not admitted again in this step. */
    void remove(long sequenceId) {
      skipped.add(sequenceId);
      begun.removeIf(one -> one.id() == sequenceId);
      if (!admitted.removeIf(one -> one.sequenceId() == sequenceId)) {
        preempted.add(sequenceId);
      }
      for (SequenceWork item : List.copyOf(work)) {
        if (item.sequenceId() == sequenceId) {
          work.remove(item);
          kvTokens -= item.rows();
        }
      }
    }
  }

  /**
   * @param groups whose turn it is first; the step is of the first that has something to compute
   */
  Step plan(List<StepGroup> groups, long nowMs) {
    Draft draft = new Draft(nowMs);
    for (StepGroup group : groups) {
      draft.tryGroup(group);
      planDecoding(draft);
      planPrefill(draft);
      if (!draft.work.isEmpty()) {
        break;
      }
    }
    draft.work.sort(Comparator.comparingInt(SequenceWork::slot));
    return new Step(draft.group, draft.admitted, draft.preempted, draft.work);
  }

  private void planDecoding(Draft draft) {
    List<ScheduledSequence> decoding = ofGroup(draft, Phase.DECODING);
    while (!slots.makeRoom(decoding.size())) {
      preemptNewest(draft, Optional.empty());
      decoding = ofGroup(draft, Phase.DECODING);
    }
    int drafts = draftsForEach(decoding);
    for (ScheduledSequence sequence : decoding) {
      draft.decoding++;
      draft.mostUrgentDecoding = Math.max(draft.mostUrgentDecoding, sequence.priority());
      draft.add(sequence.decodeWork(drafts));
    }
  }

  /**
   * Guesses for each sequence: as many for all, because llama.cpp computes sequences with unlike
   * numbers of tokens one after the other where each has its own KV buffer.
   */
  private int draftsForEach(List<ScheduledSequence> decoding) {
    if (decoding.isEmpty() || decoding.size() > config.maxSpeculatingSequences()) {
      return 0;
    }
    int drafts = config.maxDraftTokens();
    for (ScheduledSequence sequence : decoding) {
      drafts = Math.min(drafts, sequence.offeredDrafts());
      drafts = Math.min(drafts, sequence.newTokensLeft() - 1);
    }
    drafts = Math.min(drafts, config.maxBatchTokens() / decoding.size() - 1);
    return slots.makeRoom((long) decoding.size() * (1 + drafts)) ? drafts : 0;
  }

  private void planPrefill(Draft draft) {
    draft.begun = begunPrompts(draft);
    Optional<ScheduledSequence> next =
        ++steps % FairQueue.FAIR_TURN == 0 ? oldestBegun(draft) : nextToPrefill(draft);
    while (next.isPresent() && maybePrefill(draft, next.get())) {
      next = nextToPrefill(draft);
    }
  }

  /** Urgent prompts that keep arriving would else keep one that was begun from ever being ready. */
  private Optional<ScheduledSequence> oldestBegun(Draft draft) {
    Optional<ScheduledSequence> oldest =
        draft.begun.stream().min(Comparator.comparingLong(ScheduledSequence::admission));
    return oldest.isPresent() ? oldest : nextToPrefill(draft);
  }

  /**
   * Adds tokens of a prompt to the step, or takes the slot of another sequence so that there are KV
   * entries for them.
   *
   * @return whether the step may have room for more
   */
  private boolean maybePrefill(Draft draft, ScheduledSequence sequence) {
    int left = budgetLeft(draft, sequence.priority());
    int wanted = Math.min(left, sequence.uncomputedTokens());
    boolean isCut = wanted < sequence.uncomputedTokens();
    if (wanted < 1 || isCut && leavesCutsToLater(draft) && !draft.admits(sequence.id())) {
      return false;
    }
    int tokens = (int) Math.min(wanted, roomFor(draft, wanted));
    if (tokens >= 1) {
      draft.prefillTokens += tokens;
      draft.add(sequence.prefillWork(tokens));
      draft.begun.remove(sequence);
      return true;
    }
    if (!draft.work.isEmpty()) {
      return false;
    }
    preemptNewest(draft, Optional.of(sequence));
    draft.begun = begunPrompts(draft);
    return true;
  }

  /**
   * Beside decoding sequences in buffers of their own, prompts of unlike numbers of tokens are
   * computed one after the other, each with a pass over the weights: only the first may be cut.
   */
  private boolean leavesCutsToLater(Draft draft) {
    return !config.sharedKv() && draft.decoding > 0 && draft.prefillTokens > 0;
  }

  /** KV entries for more tokens beside the work so far; idle slots make room. */
  private long roomFor(Draft draft, int tokens) {
    return slots.makeRoom(draft.kvTokens + tokens)
        ? tokens
        : Math.max(0, slots.freeTokens() - draft.kvTokens);
  }

  /**
   * Prompt tokens that this step may still compute for a sequence of that priority. One that is
   * more urgent than all that decode need not spare them.
   */
  private int budgetLeft(Draft draft, int priority) {
    int left = config.maxBatchTokens() - draft.work.stream().mapToInt(SequenceWork::rows).sum();
    if (draft.decoding == 0) {
      return left;
    }
    int most = config.maxPrefillTokensWhileDecoding();
    boolean urgent = priority > draft.mostUrgentDecoding;
    int bound = urgent ? most : adaptiveBound(most);
    return Math.min(left, bound - draft.prefillTokens);
  }

  private int adaptiveBound(int most) {
    if (Double.isInfinite(config.prefillStretch())) {
      return most;
    }
    return times.wantsDecodeStep() ? 0 : times.prefillTokensFor(config.prefillStretch(), most);
  }

  /** Running sequences whose tokens are not all computed, most urgent first. */
  private Deque<ScheduledSequence> begunPrompts(Draft draft) {
    List<ScheduledSequence> begun = ofGroup(draft, Phase.PREFILLING);
    begun.removeIf(sequence -> draft.hasWorkFor(sequence.id()));
    begun.sort(Comparator.comparingInt(ScheduledSequence::priority).reversed());
    return new ArrayDeque<>(begun);
  }

  /**
   * A prompt that was begun comes before a waiting one of the same priority.
   *
   * <p>Who is next and finds no room keeps its turn, and those behind it wait. Only one that is
   * more urgent than a running sequence passes it, in that one's place.
   */
  private Optional<ScheduledSequence> nextToPrefill(Draft draft) {
    LongPredicate skipped = draft.skipped::contains;
    boolean roomForNext = true;
    while (draft.skipped.size() < MAX_SKIPPED) {
      Optional<ScheduledSequence> next = waiting.next(draft.nowMs, skipped);
      boolean isNext = roomForNext && next.filter(s -> comesBeforeBegun(draft, s)).isPresent();
      Optional<ScheduledSequence> chosen =
          isNext
              ? next
              : waiting
                  .mostUrgent(draft.nowMs, skipped)
                  .filter(s -> comesBeforeBegun(draft, s) && victimOf(draft, s).isPresent());
      if (chosen.isEmpty() || budgetLeft(draft, chosen.get().priority()) < 1) {
        break;
      }
      ScheduledSequence sequence = chosen.get();
      if (!sequence.group().equals(draft.group) || isWorthWaiting(draft, sequence)) {
        draft.skipped.add(sequence.id());
      } else if (leavesCutsToLater(draft)
          && uncachedTokens(draft, sequence) > budgetLeft(draft, sequence.priority())) {
        break;
      } else if (maybeAdmit(draft, sequence)) {
        return chosen;
      } else if (isNext) {
        roomForNext = false;
      } else {
        break;
      }
    }
    return Optional.ofNullable(draft.begun.peek());
  }

  private static boolean comesBeforeBegun(Draft draft, ScheduledSequence sequence) {
    return draft.begun.isEmpty() || sequence.priority() > draft.begun.peek().priority();
  }

  private int uncachedTokens(Draft draft, ScheduledSequence sequence) {
    TokenList tokens = sequence.tokens();
    return tokens.size() - slots.longestMatch(draft.group.adapter(), tokens.array(), tokens.size());
  }

  /** Whether a running sequence will soon have much more of the prompt than anybody has now. */
  private boolean isWorthWaiting(Draft draft, ScheduledSequence candidate) {
    if (!config.prefixSharing()) {
      return false;
    }
    int[] tokens = candidate.tokens().array();
    int limit = candidate.tokens().size() - 1;
    int soon = 0;
    for (ScheduledSequence sequence : running.values()) {
      if (sequence.phase() == Phase.PREFILLING
          && sequence.request().adapter() == draft.group.adapter()
          && sequence.priority() >= candidate.priority()) {
        soon = Math.max(soon, commonLength(tokens, limit, sequence.tokens()));
      }
    }
    return soon >= WORTH_WAITING_TOKENS
        && soon - slots.longestMatch(draft.group.adapter(), tokens, limit + 1)
            >= WORTH_WAITING_TOKENS;
  }

  private static int commonLength(int[] tokens, int limit, TokenList other) {
    int most = Math.min(limit, other.size());
    int mismatch = Arrays.mismatch(tokens, 0, most, other.array(), 0, most);
    return mismatch < 0 ? most : mismatch;
  }

  private boolean maybeAdmit(Draft draft, ScheduledSequence sequence) {
    while (!slots.hasIdle() || !hasKvFor(draft, sequence)) {
      if (!maybePreemptFor(draft, sequence)) {
        return false;
      }
    }
    int length = sequence.tokens().size();
    Placement placement =
        slots.place(draft.group.adapter(), sequence.tokens().array(), length, draft.kvTokens);
    waiting.admit(sequence, length - placement.cachedTokens(), draft.nowMs);
    sequence.admit(placement.slot(), placement.cachedTokens(), admissions++);
    running.put(sequence.id(), sequence);
    draft.admitted.add(new Admitted(sequence.id(), placement.slot(), placement.cachedTokens()));
    return true;
  }

  /**
   * Whether the whole prompt fits beside the prompts that were begun and a token of each running
   * sequence. What sequences generate is not set aside: preemption pays for that.
   */
  private boolean hasKvFor(Draft draft, ScheduledSequence sequence) {
    if (!config.sharedKv() || running.isEmpty()) {
      return true;
    }
    long begun = running.values().stream().mapToLong(ScheduledSequence::uncomputedTokens).sum();
    // What an idle slot holds is counted as needed too: it is available no longer once it is used.
    int length = sequence.tokens().size();
    int shared = slots.longestBusyMatch(draft.group.adapter(), sequence.tokens().array(), length);
    return slots.availableTokens() >= begun + length - shared;
  }

  private boolean maybePreemptFor(Draft draft, ScheduledSequence urgent) {
    Optional<ScheduledSequence> victim = victimOf(draft, urgent);
    victim.ifPresent(sequence -> preempt(draft, sequence));
    return victim.isPresent();
  }

  private Optional<ScheduledSequence> victimOf(Draft draft, ScheduledSequence urgent) {
    return running.values().stream()
        .filter(s -> s.priority() < urgent.priority())
        .filter(s -> s.preemptions() < MAX_PREEMPTIONS_BY_PRIORITY)
        .filter(s -> !draft.admits(s.id()))
        .min(
            Comparator.comparingInt(ScheduledSequence::priority)
                .thenComparing(Comparator.comparingLong(ScheduledSequence::admission).reversed()));
  }

  /** Takes the slot of the newest sequence, but not of {@code spared}. */
  private void preemptNewest(Draft draft, Optional<ScheduledSequence> spared) {
    ScheduledSequence newest =
        running.values().stream()
            .filter(sequence -> spared.isEmpty() || sequence != spared.get())
            .max(Comparator.comparingLong(ScheduledSequence::admission))
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no KV entries for a single sequence; free are " + slots.freeTokens()));
    preempt(draft, newest);
  }

  private void preempt(Draft draft, ScheduledSequence sequence) {
    running.remove(sequence.id());
    draft.remove(sequence.id());
    slots.releaseForLater(sequence.slot());
    waiting.preempted(sequence);
    sequence.preempt();
    waiting.add(sequence);
  }

  private List<ScheduledSequence> ofGroup(Draft draft, Phase phase) {
    List<ScheduledSequence> found = new ArrayList<>();
    for (ScheduledSequence sequence : running.values()) {
      if (sequence.phase() == phase && sequence.group().equals(draft.group)) {
        found.add(sequence);
      }
    }
    return found;
  }
}
