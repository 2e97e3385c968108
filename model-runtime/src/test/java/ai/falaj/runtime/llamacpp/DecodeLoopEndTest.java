package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;
import static ai.falaj.runtime.llamacpp.EngineFixture.slots;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.testing.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How requests come in, how many may wait, and what the end of the loop leaves. */
class DecodeLoopEndTest {

  @Test
  void refusesWhatIsMoreThanMayWait() throws Exception {
    EngineFixture engine = new EngineFixture(slots(1).build(), Speculator.off(), 2);
    List<RecordingListener> heard = new ArrayList<>();
    heard.add(engine.submit(request(1, 5, 10).samples(2)));
    engine.turn();
    heard.add(engine.submit(request(2, 5, 10).samples(3)));
    heard.add(engine.submit(request(3, 5, 10)));

    assertRefused(engine, RuntimeErrorCode.OVERLOADED);
    engine.turns(3);
    assertRefused(engine, RuntimeErrorCode.OVERLOADED);
    engine.cancel(heard.get(2));
    engine.turn();
    heard.add(engine.submit(request(4, 5, 10)));
    engine.runUntilEmpty();

    assertThat(heard).allMatch(RecordingListener::hasResult);
    engine.assertAllEnded();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 40})
  void closingEndsRequestsInWhateverStateTheyAre(int turns) throws Exception {
    SchedulerConfig config = slots(3).sharedKv(300).speculation(4, 4).build();
    EngineFixture engine =
        new EngineFixture(config, new Speculator(new PromptLookup(), 4, 4), 1_000);
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 8; number++) {
      heard.add(
          engine.submit(
              request(number, 40, 5 + 25 * number)
                  .samples(1 + number % 3)
                  .output(new OutputFormat.Choice(List.of("a", "b")))));
    }
    engine.turns(turns);
    engine.loop.inbox().stop();
    heard.add(engine.submit(request(9, 5, 5)));

    engine.loop.run();

    for (RecordingListener listener : heard) {
      assertThat(listener.ended()).isTrue();
      if (!listener.hasResult()) {
        assertThat(listener.failure().code()).isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED);
      }
    }
    assertThat(heard.get(8).hasResult()).isFalse();
    assertThat(engine.executor.isClosed()).isTrue();
    assertRefused(engine, RuntimeErrorCode.RUNTIME_CLOSED);
    engine.cancel(heard.get(0));
    engine.assertAllEnded();
  }

  @Test
  @Timeout(60)
  void anInterruptEndsAnIdleLoop() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    EngineFixture.Started started = engine.start();
    RecordingListener heard = engine.submit(request(1, 5, 10)).awaitEnd();

    started.thread().interrupt();

    assertThat(started.failure().get()).isNull();
    assertThat(heard.hasResult()).isTrue();
    assertRefused(engine, RuntimeErrorCode.RUNTIME_CLOSED);
    engine.assertAllEnded();
  }

  @Test
  @Timeout(60)
  void requestsOfManyThreadsAllEnd() throws Exception {
    EngineFixture engine = new EngineFixture(slots(4).build(), Speculator.off(), 10_000);
    EngineFixture.Started started = engine.start();
    List<RecordingListener> heard = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      int first = 10 * thread;
      threads.add(
          new Thread(
              () -> {
                for (int number = first; number < first + 10; number++) {
                  RecordingListener listener = submitOrThrow(engine, request(number, 5, 8));
                  synchronized (heard) {
                    heard.add(listener);
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    for (RecordingListener listener : heard) {
      listener.awaitEnd();
    }
    engine.loop.inbox().stop();

    assertThat(started.failure().get()).isNull();
    assertThat(heard).hasSize(40).allMatch(RecordingListener::hasResult);
    engine.assertAllEnded();
  }

  private static RecordingListener submitOrThrow(
      EngineFixture engine, GenerationRequest.Builder request) {
    try {
      return engine.submit(request);
    } catch (GenerationException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertRefused(EngineFixture engine, RuntimeErrorCode code) {
    assertThatThrownBy(() -> engine.submit(request(99, 5, 5)))
        .asInstanceOf(type(GenerationException.class))
        .extracting(GenerationException::code)
        .isEqualTo(code);
  }
}
