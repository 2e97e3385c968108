package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who is next, and how long others have to wait. */
class FairQueueTest {

  private static final int PROMPT = 10;
  private static final int NEW_TOKENS = 5;

  private FairQueue queue = new FairQueue(List.of());
  private long arrivals;

  // Order

  @Test
  void ordersByPriorityThenArrival() {
    add("", 0);
    add("", 5);
    add("", 5);
    add("", Integer.MIN_VALUE);
    add("", Integer.MAX_VALUE);

    assertThat(admitAll()).containsExactly(4L, 1L, 2L, 0L, 3L);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void takesOutOnlyWhatWaits() {
    add("a", 0);

    assertThat(queue.remove(7)).isEmpty();
    assertThat(queue.remove(0)).isPresent();
    assertThat(queue.remove(0)).isEmpty();
    assertThat(queue.contains(0)).isFalse();
    assertThat(queue.size()).isZero();
  }

  @Test
  void takesOutWhatIsTooLateEarliestFirst() {
    addWithDeadline(30);
    addWithDeadline(10);
    add("a", 0);
    addWithDeadline(31);
    addWithDeadline(10);
    queue.remove(4);

    assertThat(queue.removeExpired(9)).isEmpty();
    assertThat(queue.removeExpired(30)).extracting(ScheduledSequence::id).containsExactly(1L, 0L);
    assertThat(queue.removeExpired(30)).isEmpty();
    assertThat(queue.size()).isEqualTo(2);
  }

  @Test
  void passesOverWhatIsSkipped() {
    add("a", 0);
    add("a", 0);
    add("b", 0);

    assertThat(queue.next(0, id -> id == 0).orElseThrow().id()).isEqualTo(1);
    assertThat(queue.next(0, id -> id <= 1).orElseThrow().id()).isEqualTo(2);
    assertThat(queue.next(0, id -> true)).isEmpty();
  }

  @Test
  void aPreemptedSequenceTakesItsOldPlace() {
    ScheduledSequence first = add("a", 0);
    add("a", 0);
    add("a", 0);
    admitNext(0);
    queue.preempted(first);
    queue.add(first);

    assertThat(admitAll()).containsExactly(0L, 1L, 2L);
  }

  // Shares

  @Test
  void tenantsThatSaturateGetSharesByWeight() {
    queue = new FairQueue(List.of(new TenantShare("heavy", 3, null)));
    Map<String, Long> before = new HashMap<>();
    Map<String, Long> served = serveBacklog(List.of("heavy", "light"), 200);
    for (int window = 0; window < 20; window++) {
      before.clear();
      before.putAll(served);
      serveBacklog(List.of("heavy", "light"), 200).forEach((t, n) -> served.merge(t, n, Long::sum));
      double heavy = served.get("heavy") - before.get("heavy");
      double light = served.get("light") - before.get("light");
      assertThat(heavy / (heavy + light)).as("window %d", window).isCloseTo(0.75, within(0.05));
    }
  }

  @Test
  void sharesHoldForCompletionsOfUnlikeLengths() {
    queue = new FairQueue(List.of(new TenantShare("heavy", 3, null)));
    Random random = new Random(1);
    Map<String, Long> served = new HashMap<>();
    Deque<ScheduledSequence> running = new ArrayDeque<>();
    for (int step = 0; step < 4_000; step++) {
      for (String tenant : List.of("heavy", "light")) {
        add(tenant, 0, 300);
      }
      if (running.size() == 16) {
        ScheduledSequence done = running.remove();
        boolean heavy = done.request().tenant().equals("heavy");
        int newTokens = 1 + random.nextInt(heavy ? 20 : 300);
        done.generated(new int[newTokens], 0);
        queue.generated(done, newTokens);
        queue.ended(done);
        served.merge(done.request().tenant(), (long) PROMPT + newTokens, Long::sum);
      }
      running.add(admitNext(0));
    }

    double heavy = served.get("heavy");
    assertThat(heavy / (heavy + served.get("light"))).isCloseTo(0.75, within(0.03));
  }

  /** Keeps all tenants waiting; returns the tokens each got in so many admissions. */
  private Map<String, Long> serveBacklog(List<String> tenants, int admissions) {
    Map<String, Long> served = new HashMap<>();
    for (int count = 0; count < admissions; count++) {
      tenants.forEach(tenant -> add(tenant, 0));
      ScheduledSequence next = serveNext(0);
      served.merge(next.request().tenant(), (long) PROMPT + NEW_TOKENS, Long::sum);
    }
    return served;
  }

  // Bounds

  @Test
  void aSinglePromptIsServedNextThoughAnotherTenantQueuedTenThousand() {
    for (int count = 0; count < 10_000; count++) {
      add("many", 0);
    }
    for (int count = 0; count < 100; count++) {
      serveNext(0);
    }
    ScheduledSequence single = add("one", 0);

    assertThat(admissionsUntil(single)).isLessThanOrEqualTo(1);
  }

  @Test
  void aTenantThatComesBackWaitsForOneRequestOfEachOtherAtMost() {
    List<String> tenants = List.of("a", "b", "c", "d", "e");
    serveBacklog(tenants, 500);
    for (int turn = 0; turn < 20; turn++) {
      ScheduledSequence single = add("single", 0);
      assertThat(admissionsUntil(single)).isLessThanOrEqualTo(tenants.size());
      serveBacklog(tenants, 13);
    }
  }

  @Test
  void aTenantThatComesBackIsOwedNothingForTheTimeInBetween() {
    add("pausing", 0);
    add("busy", 0);
    serveNext(0);
    serveNext(0);
    serveBacklog(List.of("busy"), 300);

    assertOwedNothing();
  }

  @Test
  void aTenantWithOneRequestAtATimeHidesNobody() {
    add("patient", 0);
    ScheduledSequence patient = add("patient", 0);
    serveNext(0);
    int others = 0;
    do {
      add("quick", 0);
      others++;
      assertThat(others).isLessThanOrEqualTo(2);
    } while (serveNext(0) != patient);
  }

  @Test
  void aTenantThatKeepsOneSequenceRunningIsOwedNothingEither() {
    queue = new FairQueue(List.of(new TenantShare("pausing", 1, null)));
    add("pausing", 0);
    admitNext(0);
    serveBacklog(List.of("busy"), 300);

    assertOwedNothing();
  }

  @Test
  void aTenantWhoseBudgetIsRenewedIsOwedNothingEither() {
    TokenBudget budget = new TokenBudget(1_000, Duration.ofSeconds(1));
    queue = new FairQueue(List.of(new TenantShare("pausing", 1, budget)));
    add("pausing", 0, 900);
    admitNext(0);
    for (int count = 0; count < 100; count++) {
      add("pausing", 0);
    }
    for (int count = 0; count < 300; count++) {
      add("busy", 0);
      serveNext(0);
    }
    int pausing = 0;
    for (int count = 0; count < 20; count++) {
      add("busy", 0);
      pausing += serveNext(1_000).request().tenant().equals("pausing") ? 1 : 0;
    }
    assertThat(pausing).isBetween(9, 11);
  }

  /** Both queue much; they take turns. */
  private void assertOwedNothing() {
    int pausing = 0;
    for (int count = 0; count < 100; count++) {
      add("pausing", 0);
    }
    for (int count = 0; count < 20; count++) {
      add("busy", 0);
      pausing += serveNext(0).request().tenant().equals("pausing") ? 1 : 0;
    }
    assertThat(pausing).isBetween(9, 11);
  }

  @Test
  void aTenantThatComesAfterUrgentLoadNeedNotWaitForThoseThatWereStarvedByIt() {
    for (int count = 0; count < 1_000; count++) {
      add("patient", -1);
    }
    for (int count = 0; count < 500; count++) {
      add("urgent", 1);
      serveNext(0);
    }
    ScheduledSequence single = add("new", -1);

    assertThat(admissionsUntil(single)).isLessThanOrEqualTo(2 * FairQueue.FAIR_TURN);
  }

  // Priorities and fair turns

  @Test
  void everyEighthTurnTakesTheOldestWhateverItsPriority() {
    ScheduledSequence patient = add("a", -1);
    int turns = 0;
    ScheduledSequence served;
    do {
      add("a", 1);
      served = serveNext(0);
      turns++;
    } while (served != patient && turns < 100);

    assertThat(turns).isEqualTo(FairQueue.FAIR_TURN);
  }

  @Test
  void nobodyStarvesUnderConstantUrgentLoad() {
    Deque<ScheduledSequence> patient = new ArrayDeque<>();
    for (int tenant = 0; tenant < 5; tenant++) {
      patient.add(add("patient-" + tenant, -1));
    }
    int turns = 0;
    while (patient.stream().anyMatch(sequence -> queue.contains(sequence.id()))) {
      add("urgent", 1);
      serveNext(0);
      turns++;
      assertThat(turns).isLessThanOrEqualTo(6 * FairQueue.FAIR_TURN);
    }
  }

  @Test
  void aFairTurnStaysDueUntilItsSequenceIsAdmitted() {
    ScheduledSequence patient = add("a", -1);
    for (int turn = 0; turn < FairQueue.FAIR_TURN - 1; turn++) {
      add("b", 1);
      serveNext(0);
    }
    for (int turn = 0; turn < 3; turn++) {
      ScheduledSequence urgent = add("b", 1);
      assertThat(queue.next(0, id -> false)).contains(patient);
      assertThat(queue.mostUrgent(0, id -> false)).contains(urgent);
      queue.admit(urgent, PROMPT, 0);
    }
    assertThat(queue.next(0, id -> false)).contains(patient);
    queue.admit(patient, PROMPT, 0);
    ScheduledSequence urgent = add("b", 1);
    add("a", -1);
    assertThat(queue.next(0, id -> false)).contains(urgent);
  }

  // Memory

  @Test
  void remembersNoneOfAHundredThousandTenantsThatAreGone() {
    for (int tenant = 0; tenant < 100_000; tenant++) {
      add("tenant-" + tenant, 0);
      if (tenant % 3 == 0) {
        queue.remove(arrivals - 1);
      } else {
        serveNext(0);
      }
      assertThat(queue.tenantCount()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void remembersFewOfAHundredThousandTenantsBesideOneThatKeepsWaiting() {
    for (int tenant = 0; tenant < 100_000; tenant++) {
      add("waiting", 0);
      add("tenant-" + tenant, 0);
      serveNext(0);
      serveNext(0);
      assertThat(queue.tenantCount()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void remembersNoTenantWhosePreemptedSequenceIsCancelled() {
    ScheduledSequence sequence = add("a", 0);
    admitNext(0);
    queue.preempted(sequence);
    queue.add(sequence);
    queue.remove(sequence.id());
    queue.endedWaiting(sequence);
    add("b", 0);

    assertThat(queue.tenantCount()).isEqualTo(1);
  }

  private ScheduledSequence add(String tenant, int priority) {
    return add(tenant, priority, NEW_TOKENS);
  }

  private ScheduledSequence add(String tenant, int priority, int maxNewTokens) {
    SequenceRequest request =
        SequenceRequest.builder(arrivals, new int[PROMPT], maxNewTokens)
            .tenant(tenant)
            .priority(priority)
            .build();
    ScheduledSequence sequence = new ScheduledSequence(request, arrivals++, Long.MAX_VALUE);
    queue.add(sequence);
    return sequence;
  }

  private void addWithDeadline(long deadlineMs) {
    SequenceRequest request =
        SequenceRequest.builder(arrivals, new int[1], 1)
            .deadlineMs(OptionalLong.of(deadlineMs))
            .build();
    queue.add(new ScheduledSequence(request, arrivals++, deadlineMs));
  }

  private ScheduledSequence admitNext(long nowMs) {
    ScheduledSequence next = queue.next(nowMs, id -> false).orElseThrow();
    queue.admit(next, PROMPT, nowMs);
    return next;
  }

  /** Admits the next one, which generates all its tokens and ends. */
  private ScheduledSequence serveNext(long nowMs) {
    ScheduledSequence next = admitNext(nowMs);
    next.generated(new int[NEW_TOKENS], 0);
    queue.generated(next, NEW_TOKENS);
    queue.ended(next);
    return next;
  }

  private List<Long> admitAll() {
    List<Long> order = new ArrayList<>();
    while (!queue.isEmpty()) {
      order.add(admitNext(0).id());
    }
    return order;
  }

  /** How many others are admitted before. */
  private int admissionsUntil(ScheduledSequence sequence) {
    int others = 0;
    while (serveNext(0) != sequence) {
      others++;
    }
    return others;
  }
}
