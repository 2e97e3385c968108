package ai.falaj.runtime.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * Sequences that wait for a slot, and who of them is next.
 *
 * <p>The highest priority comes first; among tenants that have such a sequence the one that got the
 * least service for its weight (start-time fair queueing, Goyal et al. 1996, with tokens as service
 * as in VTC, Sheng et al., OSDI 2024); among its sequences the oldest. Every {@link #FAIR_TURN}th
 * admission ignores priorities and takes the oldest sequence of the tenant that is owed most, so
 * that every sequence is served whatever arrives after it.
 *
 * <p>A tenant that comes back, or whose budget is renewed, begins where the tenant is that is owed
 * most: it has no claim on the time in which it did not ask.
 *
 * <p>Bounds, in a queue of {@code T} waiting tenants with weights that sum up to {@code W}, where
 * no request costs more than {@code C} tokens: a tenant that asks after a pause is admitted after
 * at most {@code T - 1} others, times {@code FAIR_TURN} where priorities differ; between two
 * admissions of a tenant of weight {@code w} the others get at most {@code C * W / w + (T - 1) * C}
 * tokens of service while priorities are equal. What a tenant gets by priority counts as service,
 * and a completion that ends early gives back what was charged for the rest.
 *
 * <p>Cancellations and deadlines are looked up, not searched for: methods cost the logarithm of the
 * waiting sequences and the number of waiting tenants. Confined to the scheduler's owner.
 */
final class FairQueue {

  /** One admission of so many ignores priorities. */
  static final int FAIR_TURN = 8;

  private static final Comparator<ScheduledSequence> BY_ARRIVAL =
      Comparator.comparingLong(ScheduledSequence::arrival);

  /** A tenant with its waiting sequences. */
  private static final class Line {
    private final TenantAccount account;
    private final TreeSet<ScheduledSequence> byArrival = new TreeSet<>(BY_ARRIVAL);
    private final TreeSet<ScheduledSequence> byUrgency =
        new TreeSet<>(
            Comparator.comparingInt(ScheduledSequence::priority)
                .reversed()
                .thenComparing(BY_ARRIVAL));
    private int running;
    private boolean outOfBudget;

    Line(TenantAccount account) {
      this.account = account;
    }
  }

  private final Map<String, TenantShare> shares = new HashMap<>();

  /** Tenants that wait, run, or have a budget to remember; in order of arrival. */
  private final Map<String, Line> lines = new LinkedHashMap<>();

  private final Map<Long, ScheduledSequence> byId = new HashMap<>();
  private final TreeSet<ScheduledSequence> byLatestStart =
      new TreeSet<>(
          Comparator.comparingLong(ScheduledSequence::latestStartMs).thenComparing(BY_ARRIVAL));

  /** Virtual time of the tenant that was owed most at the last admission. */
  private double virtualTime;

  private int turnsSinceFairOne;
  private Optional<ScheduledSequence> fairChoice = Optional.empty();

  FairQueue(List<TenantShare> shares) {
    shares.forEach(share -> this.shares.put(share.tenant(), share));
  }

  /** Adds a sequence that does not wait yet; one that waited before takes its old place. */
  void add(ScheduledSequence sequence) {
    if (byId.isEmpty()) {
      beginBusyPeriod();
    }
    Line line = line(sequence.request().tenant());
    if (line.byArrival.isEmpty()) {
      line.account.catchUpTo(virtualTime);
    }
    line.byArrival.add(sequence);
    line.byUrgency.add(sequence);
    byId.put(sequence.id(), sequence);
    if (sequence.request().deadlineMs().isPresent()) {
      byLatestStart.add(sequence);
    }
  }

  boolean contains(long sequenceId) {
    return byId.containsKey(sequenceId);
  }

  Optional<ScheduledSequence> find(long sequenceId) {
    return Optional.ofNullable(byId.get(sequenceId));
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  int size() {
    return byId.size();
  }

  /** Tenants that are remembered, for checks. */
  int tenantCount() {
    return lines.size();
  }

  /** Takes a sequence out; nothing if it does not wait. */
  Optional<ScheduledSequence> remove(long sequenceId) {
    ScheduledSequence sequence = byId.remove(sequenceId);
    if (sequence == null) {
      return Optional.empty();
    }
    Line line = line(sequence.request().tenant());
    line.byArrival.remove(sequence);
    line.byUrgency.remove(sequence);
    byLatestStart.remove(sequence);
    maybeForget(sequence.request().tenant(), line);
    return Optional.of(sequence);
  }

  /** Takes out the sequences that can no longer be begun in time, earliest first. */
  List<ScheduledSequence> removeExpired(long nowMs) {
    List<ScheduledSequence> expired = new ArrayList<>();
    while (!byLatestStart.isEmpty() && byLatestStart.first().latestStartMs() <= nowMs) {
      ScheduledSequence sequence = byLatestStart.first();
      remove(sequence.id());
      expired.add(sequence);
    }
    return expired;
  }

  /**
   * Who is next: on a fair turn the oldest sequence of the tenant that is owed most, else the most
   * urgent. A fair turn is due until its sequence is admitted.
   *
   * @param skipped sequences that are passed over this time
   */
  Optional<ScheduledSequence> next(long nowMs, LongPredicate skipped) {
    boolean fairTurn = turnsSinceFairOne >= FAIR_TURN - 1;
    Optional<ScheduledSequence> next = find(nowMs, skipped, fairTurn);
    fairChoice = fairTurn ? next : Optional.empty();
    return next;
  }

  /** Who is next if it is no fair turn. */
  Optional<ScheduledSequence> mostUrgent(long nowMs, LongPredicate skipped) {
    return find(nowMs, skipped, false);
  }

  private Optional<ScheduledSequence> find(long nowMs, LongPredicate skipped, boolean fairTurn) {
    ScheduledSequence best = null;
    Line bestLine = null;
    for (Line line : lines.values()) {
      ScheduledSequence first = first(fairTurn ? line.byArrival : line.byUrgency, skipped);
      if (first == null || !maySpend(line, first, nowMs)) {
        continue;
      }
      boolean better =
          best == null
              || !fairTurn && first.priority() > best.priority()
              || (fairTurn || first.priority() == best.priority()) && isOwedMore(line, bestLine);
      if (better) {
        best = first;
        bestLine = line;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * Takes a sequence out because it got a slot, and charges its tenant.
   *
   * @param prefillTokens that are to be computed for it
   */
  void admit(ScheduledSequence sequence, int prefillTokens, long nowMs) {
    Line line = line(sequence.request().tenant());
    virtualTime = Math.max(virtualTime, leastVirtualTime(line));
    turnsSinceFairOne =
        fairChoice.filter(s -> s == sequence).isPresent() ? 0 : turnsSinceFairOne + 1;
    line.running++;
    remove(sequence.id());
    forgetIdle();
    if (!sequence.isCharged()) {
      int expected = line.account.expectedNewTokens(sequence.request().maxNewTokens());
      line.account.charge((long) prefillTokens + expected);
      long window = line.account.reserve(sequence.request().mostTokens(), nowMs);
      sequence.charged(expected, window);
    }
  }

  /** A running sequence got new tokens. */
  void generated(ScheduledSequence sequence, int tokens) {
    int beyondExpected = sequence.useExpectedTokens(tokens);
    if (beyondExpected > 0) {
      line(sequence.request().tenant()).account.charge(beyondExpected);
    }
  }

  /** A running sequence lost its slot and will be added again. */
  void preempted(ScheduledSequence sequence) {
    line(sequence.request().tenant()).running--;
  }

  /** A sequence that ran is over. */
  void ended(ScheduledSequence sequence) {
    String tenant = sequence.request().tenant();
    Line line = line(tenant);
    line.running--;
    settle(sequence, line.account);
    maybeForget(tenant, line);
  }

  /** A sequence that was preempted is over without having run again. */
  void endedWaiting(ScheduledSequence sequence) {
    if (sequence.isCharged()) {
      Line line = line(sequence.request().tenant());
      settle(sequence, line.account);
      maybeForget(sequence.request().tenant(), line);
    }
  }

  /** Whether no window of its tenant's budget will ever have room for the sequence. */
  Optional<TokenBudget> budgetTooSmallFor(SequenceRequest request) {
    return share(request.tenant())
        .budget()
        .filter(budget -> request.mostTokens() > budget.tokens());
  }

  /**
   * When the next waiting sequence can no longer be begun in time; never, if none has a deadline.
   */
  long earliestLatestStartMs() {
    return byLatestStart.isEmpty() ? Long.MAX_VALUE : byLatestStart.first().latestStartMs();
  }

  /** When a budget's window ends for which a sequence waits; never, if none does. */
  long nextWindowMs(long nowMs) {
    return lines.values().stream()
        .filter(line -> !line.byArrival.isEmpty())
        .mapToLong(line -> line.account.nextWindowMs(nowMs))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private static void settle(ScheduledSequence sequence, TenantAccount account) {
    account.charge(-sequence.unusedExpectedTokens());
    account.completed(sequence.newTokens());
    account.settle(sequence.budgetWindow(), sequence.unusedReservation());
  }

  /** Of the tenants that wait and may spend, of whom this is one. */
  private double leastVirtualTime(Line one) {
    double least = one.account.virtualTime();
    for (Line line : lines.values()) {
      if (!line.byArrival.isEmpty() && !line.outOfBudget) {
        least = Math.min(least, line.account.virtualTime());
      }
    }
    return least;
  }

  /** A tenant whose budget is renewed is owed nothing for the time when it could not spend. */
  private boolean maySpend(Line line, ScheduledSequence sequence, long nowMs) {
    boolean affords = affords(line, sequence, nowMs);
    if (affords && line.outOfBudget) {
      line.account.catchUpTo(virtualTime);
    }
    line.outOfBudget = !affords;
    return affords;
  }

  private static boolean affords(Line line, ScheduledSequence sequence, long nowMs) {
    return sequence.isCharged() || line.account.affords(sequence.request().mostTokens(), nowMs);
  }

  private static boolean isOwedMore(Line line, Line other) {
    return line.account.virtualTime() < other.account.virtualTime();
  }

  private static ScheduledSequence first(
      TreeSet<ScheduledSequence> sequences, LongPredicate skipped) {
    for (ScheduledSequence sequence : sequences) {
      if (!skipped.test(sequence.id())) {
        return sequence;
      }
    }
    return null;
  }

  private Line line(String tenant) {
    return lines.computeIfAbsent(tenant, name -> new Line(new TenantAccount(share(name))));
  }

  private TenantShare share(String tenant) {
    return shares.getOrDefault(tenant, TenantShare.standard(tenant));
  }

  /** Nobody waited, so nobody is owed anything. */
  private void beginBusyPeriod() {
    for (Line line : lines.values()) {
      virtualTime = Math.max(virtualTime, line.account.virtualTime());
    }
    forgetIdle();
  }

  private void forgetIdle() {
    lines.entrySet().removeIf(entry -> isForgettable(entry.getKey(), entry.getValue()));
  }

  private void maybeForget(String tenant, Line line) {
    if (isForgettable(tenant, line)) {
      lines.remove(tenant);
    }
  }

  /**
   * An idle tenant's virtual time is caught up when it returns, so nothing is lost with it once it
   * is not ahead. Budgets must be remembered, and only tenants that are configured have one.
   */
  private boolean isForgettable(String tenant, Line line) {
    return line.byArrival.isEmpty()
        && line.running == 0
        && line.account.virtualTime() <= virtualTime
        && !shares.containsKey(tenant);
  }
}
