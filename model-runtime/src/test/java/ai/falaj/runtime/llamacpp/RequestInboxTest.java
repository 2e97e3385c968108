package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.testing.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RequestInboxTest {

  private static final int LONG_MS = 60_000;

  /** Writes down what it is told. */
  private static final class Heard implements RequestInbox.Receiver {
    private final List<String> told = new ArrayList<>();

    @Override
    public void onSubmit(Generation generation) {
      told.add("submit " + generation.id());
    }

    @Override
    public void onCancel(long generationId) {
      told.add("cancel " + generationId);
    }

    @Override
    public void onStop() {
      told.add("stop");
    }
  }

  private final Heard heard = new Heard();

  @Test
  void tellsEverythingInOrder() throws Exception {
    RequestInbox inbox = new RequestInbox(5);
    inbox.submit(generation(1));
    inbox.cancel(1);
    inbox.submit(generation(2));
    inbox.stop();

    inbox.deliver(heard);
    inbox.deliver(heard);

    assertThat(heard.told).containsExactly("submit 1", "cancel 1", "submit 2", "stop");
    assertThat(inbox.waiting()).isEqualTo(2);
  }

  @Test
  void holdsNoMoreThanMayWait() throws Exception {
    RequestInbox inbox = new RequestInbox(2);
    inbox.submit(generation(1));
    inbox.submit(generation(2));
    inbox.deliver(heard);
    assertThatThrownBy(() -> inbox.submit(generation(3)))
        .isInstanceOf(GenerationException.class)
        .hasMessageContaining("2 requests wait");

    inbox.leftQueue();
    inbox.submit(generation(4));

    assertThat(inbox.waiting()).isEqualTo(2);
  }

  @Test
  @Timeout(60)
  void wakesUpForARequest() throws Exception {
    RequestInbox inbox = new RequestInbox(5);
    Thread sender =
        new Thread(
            () -> {
              try {
                inbox.submit(generation(1));
              } catch (GenerationException e) {
                throw new AssertionError(e);
              }
            });
    sender.start();

    while (heard.told.isEmpty()) {
      inbox.await(heard, LONG_MS);
    }

    assertThat(heard.told).containsExactly("submit 1");
    sender.join();
  }

  @Test
  void stopsItsReceiverWhenInterruptedAndStaysInterrupted() throws Exception {
    RequestInbox inbox = new RequestInbox(5);
    inbox.submit(generation(1));
    Thread.currentThread().interrupt();

    inbox.await(heard, LONG_MS);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(heard.told).containsExactlyInAnyOrder("stop", "submit 1");
  }

  @Test
  void keepsNothingOnceItIsClosed() {
    RequestInbox inbox = new RequestInbox(5);
    inbox.close();

    inbox.cancel(1);
    inbox.stop();

    inbox.deliver(heard);
    assertThat(heard.told).isEmpty();
    assertThatThrownBy(() -> inbox.submit(generation(1)))
        .isInstanceOf(GenerationException.class)
        .hasMessageContaining("closed");
  }

  /** What is submitted while the inbox closes is either refused or left, never both or neither. */
  @Test
  void losesNothingBetweenSubmissionAndClose() throws Exception {
    for (int round = 0; round < 50; round++) {
      RequestInbox inbox = new RequestInbox(1_000);
      AtomicLong ids = new AtomicLong();
      Set<Long> accepted = ConcurrentHashMap.newKeySet();
      List<Thread> senders = new ArrayList<>();
      for (int sender = 0; sender < 3; sender++) {
        senders.add(new Thread(() -> submitUntilRefused(inbox, ids, accepted)));
      }
      senders.forEach(Thread::start);
      while (inbox.waiting() < 20) {
        Thread.onSpinWait();
      }

      List<Long> left = inbox.close().stream().map(Generation::id).toList();
      for (Thread sender : senders) {
        sender.join();
      }

      assertThat(left).containsExactlyInAnyOrderElementsOf(accepted);
      assertThat(inbox.waiting()).isZero();
      assertThat(inbox.isOpen()).isFalse();
    }
  }

  private static void submitUntilRefused(RequestInbox inbox, AtomicLong ids, Set<Long> accepted) {
    try {
      while (true) {
        long id = ids.incrementAndGet();
        inbox.submit(generation(id));
        accepted.add(id);
      }
    } catch (GenerationException refused) {
      // The inbox is closed or full; what was accepted before counts.
    }
  }

  private static Generation generation(long id) {
    return new Generation(
        id, EngineFixture.request(1, 1, 1).build(), new RecordingListener(), System.nanoTime());
  }
}
