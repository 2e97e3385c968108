package ai.falaj.runtime.scheduler;

import static ai.falaj.runtime.scheduler.SchedulerSimulation.require;

import ai.falaj.runtime.scheduler.SimulatedSequence.State;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What holds for every plan, and for what tenants use over time. */
final class PlanRules {

  /** A window of a tenant's budget. */
  private record Window(String tenant, long number) {}

  private final SchedulerConfig config;
  private final Map<String, TokenBudget> budgets = new HashMap<>();
  private final Map<Window, Long> usedTokens = new HashMap<>();
  private final Map<Long, Window> windows = new HashMap<>();

  PlanRules(SchedulerConfig config) {
    this.config = config;
    for (TenantShare share : config.tenants()) {
      share.budget().ifPresent(budget -> budgets.put(share.tenant(), budget));
    }
  }

  /** Checks a plan after its admissions, before its work is computed. */
  void check(StepPlan plan, Map<Long, SimulatedSequence> live, long nowMs) {
    Set<Long> worked = new HashSet<>();
    Set<StepGroup> groups = new HashSet<>();
    int lastSlot = -1;
    for (SequenceWork work : plan.work()) {
      SimulatedSequence sequence = live.get(work.sequenceId());
      checkWork(work, sequence, plan.adapter());
      require(work.slot() > lastSlot, "slots are not in order: %s", plan);
      lastSlot = work.slot();
      worked.add(work.sequenceId());
      groups.add(sequence.group());
    }
    require(groups.size() <= 1, "groups %s share %s", groups, plan);
    int decoding = 0;
    for (SimulatedSequence sequence : live.values()) {
      if (sequence.isDecoding() && groups.contains(sequence.group())) {
        decoding++;
        require(worked.contains(sequence.request().id()), "does not decode: %s", sequence);
      }
    }
    checkBudget(plan, live, decoding);
    checkGuesses(plan, live, decoding);
    if (plan.isIdle()) {
      live.values().forEach(sequence -> require(mayRest(sequence), "rests: %s", sequence));
    }
  }

  /** A sequence sets tokens of its tenant's budget aside when it is first admitted. */
  void admitted(SimulatedSequence sequence, long nowMs) {
    String tenant = sequence.request().tenant();
    if (sequence.isCharged() || !budgets.containsKey(tenant)) {
      return;
    }
    sequence.charge();
    TokenBudget budget = budgets.get(tenant);
    Window window = new Window(tenant, nowMs / budget.window().toMillis());
    windows.put(sequence.request().id(), window);
    long used = usedTokens.merge(window, sequence.request().mostTokens(), Long::sum);
    require(used <= budget.tokens(), "%s uses %d of %s", window, used, budget);
  }

  void ended(SimulatedSequence sequence) {
    Window window = windows.get(sequence.request().id());
    if (window != null) {
      long unused = sequence.request().mostTokens() - sequence.tokens().size();
      usedTokens.merge(window, -unused, Long::sum);
    }
  }

  private void checkWork(SequenceWork work, SimulatedSequence sequence, int adapter) {
    require(sequence != null && sequence.state() == State.RUNNING, "%s of %s", work, sequence);
    require(sequence.request().adapter() == adapter, "another adapter's: %s", sequence);
    require(work.slot() == sequence.slot(), "%s of %s", work, sequence);
    require(work.position() == sequence.computedTokens(), "%s of %s", work, sequence);
    int left = sequence.uncomputedTokens() - work.tokenCount();
    require(work.tokenCount() >= 1 && left >= 0, "%s of %s", work, sequence);
    require(work.samples() == (left == 0), "%s of %s", work, sequence);
    if (work.drafts() != 0) {
      boolean may =
          sequence.isDecoding()
              && work.drafts() > 0
              && work.drafts() <= config.maxDraftTokens()
              && work.drafts() <= sequence.offeredDrafts()
              && sequence.newTokens() + work.drafts() + 1 <= sequence.request().maxNewTokens();
      require(may, "%s of %s", work, sequence);
    }
  }

  private void checkBudget(StepPlan plan, Map<Long, SimulatedSequence> live, int decoding) {
    int prefillTokens = 0;
    for (SequenceWork work : plan.work()) {
      if (!live.get(work.sequenceId()).isDecoding()) {
        prefillTokens += work.tokenCount();
      }
    }
    require(plan.tokens() <= config.maxBatchTokens(), "too many tokens: %s", plan);
    require(
        decoding == 0 || prefillTokens <= config.maxPrefillTokensWhileDecoding(),
        "too many prompt tokens beside decoding sequences: %s",
        plan);
  }

  /** As many guesses for each decoding sequence, and none where too many decode. */
  private void checkGuesses(StepPlan plan, Map<Long, SimulatedSequence> live, int decoding) {
    Optional<Integer> drafts = Optional.empty();
    for (SequenceWork work : plan.work()) {
      if (live.get(work.sequenceId()).isDecoding()) {
        require(drafts.orElse(work.drafts()) == work.drafts(), "unlike guesses: %s", plan);
        drafts = Optional.of(work.drafts());
      }
    }
    boolean speculates = drafts.orElse(0) > 0;
    require(!speculates || decoding <= config.maxSpeculatingSequences(), "guesses: %s", plan);
  }

  /** Only a sequence whose tenant has no tokens left in this window. */
  private boolean mayRest(SimulatedSequence sequence) {
    return sequence.state() == State.WAITING && budgets.containsKey(sequence.request().tenant());
  }
}
