package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.llamacpp.crash.CrashLedger;
import ai.falaj.runtime.llamacpp.crash.CrashLedger.Verdict;
import ai.falaj.runtime.llamacpp.crash.CurrentStep;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Keeps requests that the engine crashed on away from others: after one crash a request is computed
 * in steps of its own, after two it is computed no more. Confined to the decode thread.
 */
final class Quarantine {

  private final CrashLedger ledger;
  private final CurrentStep step;

  /**
   * @param step is told what is computed
   */
  Quarantine(CrashLedger ledger, CurrentStep step) {
    this.ledger = ledger;
    this.step = step;
  }

  /**
   * Says how a request that comes in is to be computed.
   *
   * @return what its samples are isolated with; empty if they share their steps with everybody
   * @throws GenerationException if it is not to be computed
   */
  OptionalLong admit(Generation generation) throws GenerationException {
    Verdict verdict = ledger.verdict(generation.request().requestId());
    if (verdict == Verdict.GUILTY) {
      throw crash(generation);
    }
    return verdict == Verdict.SUSPECT ? OptionalLong.of(generation.id()) : OptionalLong.empty();
  }

  /** The engine is about to work for these, until {@link #end}. */
  void begin(Set<Generation> generations) {
    step.begin(
        generations.stream()
            .map(generation -> generation.request().requestId())
            .distinct()
            .toList());
  }

  void end() {
    step.end();
  }

  /**
   * The engine failed while it computed these, and is well without them.
   *
   * @return those of them that are to be computed no more
   */
  List<Generation> blame(Set<Generation> generations) {
    Set<String> requestIds = new LinkedHashSet<>();
    generations.forEach(generation -> requestIds.add(generation.request().requestId()));
    requestIds.forEach(ledger::stepFailed);
    List<Generation> guilty = new ArrayList<>();
    for (Generation generation : generations) {
      if (ledger.verdict(generation.request().requestId()) == Verdict.GUILTY) {
        guilty.add(generation);
      }
    }
    return guilty;
  }

  /** Only what was computed to its own end is harmless; what was cut short may not have been. */
  void finished(Generation generation) {
    boolean whole = generation.samples().stream().allMatch(SampleRun::isWhole);
    if (whole) {
      ledger.finished(generation.request().requestId());
    }
  }

  static GenerationException crash(Generation generation) {
    return new GenerationException(
        generation.request().requestId(),
        RuntimeErrorCode.ENGINE_CRASH,
        "the engine crashed twice while it computed this request; it is not tried again");
  }
}
