package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;
import static ai.falaj.runtime.llamacpp.EngineFixture.seeded;
import static ai.falaj.runtime.llamacpp.EngineFixture.slots;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.llamacpp.crash.CrashJournal;
import ai.falaj.runtime.llamacpp.crash.CrashLedger.Verdict;
import ai.falaj.runtime.testing.RecordingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that the engine fails on is found, and costs the others nothing but time. */
class QuarantineTest {

  private static final int REQUESTS = 16;
  private static final String POISON = "request-7";

  @Test
  void aFailedStepEndsNobody() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(4);
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 8; number++) {
      requests.add(seeded(number, 20, 30, number).ignoreEndOfSequence().samples(1 + number % 2));
      heard.add(engine.submit(requests.get(number)));
    }
    engine.executor.failWhen(plan -> engine.executor.steps() == 10);

    engine.runUntilEmpty();

    for (int number = 0; number < 8; number++) {
      for (int sample = 0; sample < 1 + number % 2; sample++) {
        assertThat(heard.get(number).tokens(sample))
            .isEqualTo(engine.expected(requests.get(number), sample));
      }
    }
    assertThat(engine.stats().requestsFailed()).isZero();
    assertThat(engine.stats().generationTokens()).as("nothing is told twice").isEqualTo(12 * 30);
    engine.assertAllEnded();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onlyThePoisonousRequestEnds(boolean sharedKv) throws Exception {
    EngineFixture engine =
        new EngineFixture(
            sharedKv
                ? slots(REQUESTS).sharedKv(8 * EngineFixture.CONTEXT_TOKENS)
                : slots(REQUESTS));
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < REQUESTS; number++) {
      requests.add(request(number, 20, 30).ignoreEndOfSequence());
      heard.add(engine.submit(requests.get(number)));
    }
    // Harmless for a while, as a prompt is that fails at some length.
    engine.executor.failWith(one -> one.requestId().equals(POISON) && engine.executor.steps() > 8);

    engine.runUntilEmpty();

    for (int number = 0; number < REQUESTS; number++) {
      if (number == 7) {
        assertThat(heard.get(number).failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_CRASH);
        assertThat(heard.get(number).failure()).hasMessageContaining("twice");
      } else {
        assertThat(heard.get(number).tokens()).isEqualTo(engine.expected(requests.get(number), 0));
        assertThat(engine.ledger.verdict("request-" + number)).isEqualTo(Verdict.CLEAR);
      }
    }
    assertThat(engine.stats().requestsFailed()).isEqualTo(1);
    engine.assertAllEnded();
  }

  @Test
  void aRequestThatCrashedTheEngineTwiceIsRefusedWhenItComesBack() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    engine.executor.failWith(one -> one.requestId().equals(POISON));
    RecordingListener first = engine.submit(request(7, 20, 30));
    engine.runUntilEmpty();
    int steps = engine.executor.steps();

    RecordingListener again = engine.submit(request(7, 20, 30));
    engine.runUntilEmpty();

    assertThat(first.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_CRASH);
    assertThat(again.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_CRASH);
    assertThat(engine.executor.steps()).as("steps").isEqualTo(steps).isEqualTo(2);
    engine.assertAllEnded();
  }

  @Test
  void anEngineThatBrokeDownBlamesNobody() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    engine.executor.breakDown();
    for (int attempt = 0; attempt < 3; attempt++) {
      RecordingListener heard = engine.submit(request(1, 20, 30));
      engine.runUntilEmpty();
      assertThat(heard.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    }
    assertThat(engine.ledger.verdict("request-1")).isEqualTo(Verdict.CLEAR);
    engine.assertAllEnded();
  }

  @Test
  void whatWasCancelledIsStillSuspected() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    RecordingListener heard = engine.submit(request(1, 20, 30).ignoreEndOfSequence());
    engine.executor.failWhen(plan -> engine.executor.steps() == 5);
    engine.turns(8);
    engine.cancel(heard);
    engine.runUntilEmpty();

    assertThat(engine.ledger.verdict("request-1")).isEqualTo(Verdict.SUSPECT);
    engine.assertAllEnded();
  }

  @Test
  void suspectsOfAnotherProcessAreComputedApartUntilTheyFinish(@TempDir Path directory)
      throws Exception {
    CrashJournal journal = new CrashJournal(directory, () -> 1_000_000);
    journal.record(List.of("request-1", "request-2", "request-3"));
    journal.record(List.of("request-3"));
    EngineFixture engine =
        new EngineFixture(slots(12).build(), Speculator.off(), 100, Optional.of(journal));
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 6; number++) {
      requests.add(request(number, 20, 20).ignoreEndOfSequence().samples(2));
      heard.add(engine.submit(requests.get(number)));
    }
    List<List<String>> computed = new ArrayList<>();
    engine.executor.failWhen(
        plan -> {
          computed.add(engine.step.requestIds());
          return false;
        });

    engine.runUntilEmpty();

    assertThat(computed)
        .allSatisfy(
            ids -> {
              if (ids.contains("request-1") || ids.contains("request-2")) {
                assertThat(ids).hasSize(1);
              }
            })
        .contains(List.of("request-1"), List.of("request-2"))
        .anySatisfy(ids -> assertThat(ids).hasSize(3));
    for (int number = 0; number < 6; number++) {
      if (number == 3) {
        assertThat(heard.get(number).failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_CRASH);
      } else {
        assertThat(heard.get(number).tokens(1)).isEqualTo(engine.expected(requests.get(number), 1));
        assertThat(engine.ledger.verdict("request-" + number)).isEqualTo(Verdict.CLEAR);
      }
    }
    assertThat(engine.step.requestIds()).as("while the engine rests").isEmpty();
    engine.assertAllEnded();
  }
}
