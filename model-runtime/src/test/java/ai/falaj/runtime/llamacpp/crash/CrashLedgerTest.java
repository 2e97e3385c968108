package ai.falaj.runtime.llamacpp.crash;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.llamacpp.crash.CrashLedger.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is suspected of what, and for how long. */
class CrashLedgerTest {

  @TempDir Path directory;

  private final AtomicLong nowMs = new AtomicLong(System.currentTimeMillis());

  @Test
  void countsFailedStepsUntilTheRequestFinishes() {
    CrashLedger ledger = new CrashLedger(Optional.empty(), nowMs::get);
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.CLEAR);

    ledger.stepFailed("a");
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.SUSPECT);
    assertThat(ledger.verdict("b")).isEqualTo(Verdict.CLEAR);

    ledger.finished("a");
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.CLEAR);
    ledger.stepFailed("a");
    ledger.stepFailed("a");
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.GUILTY);
  }

  @Test
  void addsTheCrashesOfOtherProcesses() throws Exception {
    journal().record(List.of("a", "b"));
    CrashLedger ledger = ledger();
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.SUSPECT);

    ledger.stepFailed("a");
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.GUILTY);
    assertThat(ledger.verdict("b")).isEqualTo(Verdict.SUSPECT);

    journal().record(List.of("b"));
    assertThat(ledger.verdict("b")).as("while the process runs").isEqualTo(Verdict.GUILTY);
  }

  @Test
  void noticesAJournalThatChangesLongAfterItWasRead() throws Exception {
    journal().record(List.of("a"));
    nowMs.addAndGet(60_000);
    CrashLedger ledger = ledger();
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.SUSPECT);

    journal().record(List.of("b"));

    assertThat(ledger.verdict("b")).isEqualTo(Verdict.SUSPECT);
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.SUSPECT);
  }

  @Test
  void whatFinishesLeavesTheJournalToo() throws Exception {
    journal().record(List.of("a", "b"));
    CrashLedger ledger = ledger();
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.SUSPECT);

    ledger.finished("a");

    assertThat(ledger.verdict("a")).isEqualTo(Verdict.CLEAR);
    assertThat(ledger().verdict("a")).as("in the next process").isEqualTo(Verdict.CLEAR);
    assertThat(ledger().verdict("b")).isEqualTo(Verdict.SUSPECT);
  }

  @Test
  void forgetsAfterADay() throws Exception {
    journal().record(List.of("a"));
    CrashLedger ledger = ledger();
    ledger.stepFailed("b");
    nowMs.addAndGet(Duration.ofHours(23).toMillis());
    assertThat(ledger.verdict("a")).isEqualTo(Verdict.SUSPECT);
    assertThat(ledger.verdict("b")).isEqualTo(Verdict.SUSPECT);

    nowMs.addAndGet(Duration.ofHours(2).toMillis());

    assertThat(ledger().verdict("a")).isEqualTo(Verdict.CLEAR);
    assertThat(ledger.verdict("b")).isEqualTo(Verdict.CLEAR);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void remembersNoMoreRequestsThanItsBound() {
    CrashLedger ledger = new CrashLedger(Optional.empty(), nowMs::get);
    ledger.stepFailed("first");
    ledger.stepFailed("again");
    for (int number = 2; number < CrashLedger.MAX_REQUESTS; number++) {
      ledger.stepFailed("r" + number);
    }
    ledger.stepFailed("again");
    ledger.stepFailed("last");

    assertThat(ledger.remembered()).isEqualTo(CrashLedger.MAX_REQUESTS);
    assertThat(ledger.verdict("first")).isEqualTo(Verdict.CLEAR);
    assertThat(ledger.verdict("again")).isEqualTo(Verdict.GUILTY);
    assertThat(ledger.verdict("last")).isEqualTo(Verdict.SUSPECT);
  }

  @Test
  void aJournalThatCannotBeReadBlamesNobody() throws Exception {
    Path file = Files.writeString(directory.resolve("no folder"), "a");
    CrashLedger ledger =
        new CrashLedger(Optional.of(new CrashJournal(file, nowMs::get)), nowMs::get);

    assertThat(ledger.verdict("a")).isEqualTo(Verdict.CLEAR);
  }

  private CrashLedger ledger() {
    return new CrashLedger(Optional.of(journal()), nowMs::get);
  }

  private CrashJournal journal() {
    return new CrashJournal(directory, nowMs::get);
  }
}
