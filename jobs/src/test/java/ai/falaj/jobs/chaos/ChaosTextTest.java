package ai.falaj.jobs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChaosTextTest {

  private static final List<ChaosReport.Event> EVENTS =
      List.of(
          new ChaosReport.Event(12.3, "kill", "TaskManager 2", "down 2.1 s", 9.8),
          new ChaosReport.Event(40, "pause", "broker", "for 3.0 s", null));

  @Test
  void showsEventsAndLedger() {
    LedgerBalance right =
        new LedgerBalance(
            100, 95, 5, 4_000, 100, List.of(), List.of(), List.of(), List.of(), List.of(),
            List.of());

    assertThat(ChaosText.lines(report(right)))
        .contains(
            "chaos, seed 7: 60 s of 6.0 prompts/s to 2 TaskManagers, model scripted, drained in 3.2 s",
            "     12.3 s  kill    TaskManager 2  down 2.1 s  recovered after 9.8 s",
            "     40.0 s  pause   broker         for 3.0 s   not recovered",
            "  lost                                 0",
            "  tokens repeated                    100  (2.5%)")
        .endsWith("nothing lost, nothing twice");
  }

  @Test
  void namesTheRequestsThatAreWrongButNotThousandsOfThem() {
    List<String> many = IntStream.range(100, 125).mapToObj(i -> "r" + i).toList();
    LedgerBalance spoilt =
        new LedgerBalance(
            100,
            95,
            5,
            4_000,
            100,
            List.of("r7"),
            List.of(),
            many,
            List.of(),
            List.of("r8"),
            List.of("r9"));

    assertThat(ChaosText.lines(report(spoilt)))
        .contains(
            "  lost                                 1  r7",
            "  prompts that the broker lost or doubled         1  r8",
            "  results that nobody asked for         1  r9")
        .anyMatch(line -> line.matches("  inconsistent .* 25  r100 .* r119 \\.\\.\\. .*"))
        .endsWith("FAILED");
  }

  private static ChaosReport report(LedgerBalance ledger) {
    return new ChaosReport(7, "scripted", 2, 6, 60, 3.2, EVENTS, 0, ledger, ledger.isRight());
  }
}
