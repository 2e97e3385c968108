package ai.falaj.runtime.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.RecordingProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SharedRuntimesTest {

  private final SharedRuntimes runtimes = new SharedRuntimes(Duration.ofMinutes(10));
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stopThreads() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    runtimes.close();
  }

  @Test
  void loadsOnceForAllWhoAskAtTheSameTime() throws Exception {
    GatedSpec spec = new GatedSpec();
    List<Future<RuntimeLease>> asked = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      asked.add(acquireInBackground(spec));
    }
    spec.awaitLoading(1);
    spec.letLoad();

    List<RuntimeLease> leases = new ArrayList<>();
    for (Future<RuntimeLease> future : asked) {
      leases.add(future.get());
    }
    assertThat(leases).extracting(RuntimeLease::runtime).containsOnly(leases.get(0).runtime());
    assertThat(spec.loads.get()).isEqualTo(1);
  }

  @Test
  void keepsRuntimesOfDifferentSpecsApart() throws Exception {
    try (RuntimeLease one = runtimes.acquire(FakeRuntimeSpec.builder("one").build());
        RuntimeLease two = runtimes.acquire(FakeRuntimeSpec.builder("two").build())) {
      assertThat(one.runtime()).isNotSameAs(two.runtime());
    }
  }

  @Test
  void aRuntimeThatFailedIsHandedToNobody() throws Exception {
    GatedSpec spec = new GatedSpec().open(2);
    RuntimeLease holder = runtimes.acquire(spec);
    spec.failing = holder.runtime();
    try (RuntimeLease next = runtimes.acquire(spec)) {
      assertThat(next.runtime()).isNotSameAs(holder.runtime());
      assertThat(spec.loads.get()).isEqualTo(2);
      assertThat(spec.closes.get()).as("it is still in use").isZero();
      holder.close();
      assertThat(spec.closes.get()).isEqualTo(1);
    }
  }

  @Test
  void aModelThatFailsWheneverItIsLoadedIsRefused() throws Exception {
    GatedSpec spec = new GatedSpec().open(2);
    spec.allFail = true;
    assertThatThrownBy(() -> runtimes.acquire(spec))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("its engine died");
    assertThat(spec.loads.get()).isEqualTo(2);
    assertThat(spec.closes.get()).isEqualTo(2);
  }

  @Test
  void whoStartsALoadHearsOfIt() throws Exception {
    RecordingProgress progress = new RecordingProgress();
    GatedSpec spec = new GatedSpec().open(1);
    runtimes.acquire(spec, progress).close();
    assertThat(spec.progress).isSameAs(progress);
  }

  @Test
  void findsALingeringRuntimeWarm() throws Exception {
    GatedSpec spec = new GatedSpec().open(1);
    RuntimeLease first = runtimes.acquire(spec);
    ModelRuntime runtime = first.runtime();
    first.close();

    try (RuntimeLease second = runtimes.acquire(spec)) {
      assertThat(second.runtime()).isSameAs(runtime);
      assertThat(spec.loads.get()).isEqualTo(1);
      assertThat(spec.closes.get()).isZero();
    }
  }

  @Test
  void aLingeringRuntimeMakesRoomForAnotherSpecAndAUsedOneDoesNot() throws Exception {
    GatedSpec lingering = new GatedSpec().open(1);
    GatedSpec used = new GatedSpec().open(1);
    runtimes.acquire(lingering).close();
    try (RuntimeLease lease = runtimes.acquire(used)) {
      assertThat(lingering.closes.get()).isEqualTo(1);
      runtimes.acquire(new GatedSpec().open(1)).close();
      assertThat(used.closes.get()).isZero();
      assertThat(lease.runtime()).isNotNull();
    }
  }

  @Test
  void closesInTheTimerThreadWhenTheLingerTimeHasPassed() throws Exception {
    GatedSpec spec = new GatedSpec().linger(Duration.ofMillis(50)).open(1);
    runtimes.acquire(spec).close();

    assertThat(spec.closed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(spec.closingThread).startsWith("falaj-runtime-linger");
  }

  @Test
  void anEarlierLingerTimerDoesNotCloseARuntimeThatWasUsedAgain() throws Exception {
    GatedSpec spec = new GatedSpec().linger(Duration.ofMillis(300)).open(1);
    runtimes.acquire(spec).close();
    Thread.sleep(200);
    runtimes.acquire(spec).close();
    Thread.sleep(200);

    assertThat(spec.closes.get()).as("200 of 300 ms after the last use").isZero();
    assertThat(spec.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void closesAtOnceWithoutLinger() throws Exception {
    GatedSpec spec = new GatedSpec().linger(Duration.ZERO).open(1);
    RuntimeLease one = runtimes.acquire(spec);
    RuntimeLease two = runtimes.acquire(spec);
    one.close();
    assertThat(spec.closes.get()).isZero();
    two.close();

    assertThat(spec.closes.get()).isEqualTo(1);
  }

  @Test
  void closingALeaseTwiceGivesItBackOnce() throws Exception {
    GatedSpec spec = new GatedSpec().linger(Duration.ZERO).open(1);
    RuntimeLease one = runtimes.acquire(spec);
    RuntimeLease two = runtimes.acquire(spec);
    one.close();
    one.close();

    assertThat(spec.closes.get()).isZero();
    assertThatThrownBy(one::runtime).isInstanceOf(IllegalStateException.class);
    assertThat(two.runtime().info().model()).isEqualTo("gated");
  }

  @Test
  void aFailedLoadReachesAllWaitersAndIsNotRemembered() throws Exception {
    GatedSpec spec = new GatedSpec();
    spec.failNextLoad("the file is truncated; pull it again");
    Future<RuntimeLease> one = acquireInBackground(spec);
    Future<RuntimeLease> two = acquireInBackground(spec);
    spec.awaitLoading(1);
    awaitWaiters(2);
    spec.letLoad();

    for (Future<RuntimeLease> failed : List.of(one, two)) {
      assertThatThrownBy(failed::get)
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(RuntimeLoadException.class)
          .hasMessage("the file is truncated; pull it again");
    }
    spec.letLoad();
    assertThat(runtimes.acquire(spec).runtime()).isNotNull();
    assertThat(spec.loads.get()).isEqualTo(2);
  }

  @Test
  void anInterruptedWaiterLeavesTheLoadToTheOthers() throws Exception {
    GatedSpec spec = new GatedSpec();
    Future<RuntimeLease> first = acquireInBackground(spec);
    spec.awaitLoading(1);
    Future<RuntimeLease> second = acquireInBackground(spec);
    awaitWaiters(2);
    first.cancel(true);
    spec.letLoad();

    assertThat(second.get().runtime().info().model()).isEqualTo("gated");
    assertThat(spec.loads.get()).isEqualTo(1);
  }

  @Test
  void aLoadThatNobodyWaitsForAnyMoreIsClosed() throws Exception {
    GatedSpec spec = new GatedSpec().linger(Duration.ZERO);
    Future<RuntimeLease> only = acquireInBackground(spec);
    spec.awaitLoading(1);
    awaitWaiters(1);
    only.cancel(true);
    awaitWaiters(0);
    spec.letLoad();

    assertThat(spec.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoAsksDuringClosingWaitsAndLoadsAnew() throws Exception {
    GatedSpec spec = new GatedSpec().linger(Duration.ZERO).open(2);
    RuntimeLease first = runtimes.acquire(spec);
    spec.holdClose();
    Future<?> closing = threads.submit(first::close);
    spec.awaitClosing();
    Future<RuntimeLease> second = acquireInBackground(spec);
    awaitWaiters(1);
    assertThat(spec.loads.get()).as("loads while the first is closing").isEqualTo(1);
    spec.letClose();

    assertThat(second.get().runtime()).isNotNull();
    closing.get();
    assertThat(spec.loads.get()).isEqualTo(2);
  }

  @Test
  void aDiscardedRuntimeIsLoadedAnewAndClosedByItsLastUser() throws Exception {
    GatedSpec spec = new GatedSpec().open(2);
    RuntimeLease broken = runtimes.acquire(spec);
    RuntimeLease otherUser = runtimes.acquire(spec);
    ModelRuntime brokenRuntime = broken.runtime();
    broken.discard();
    assertThat(spec.closes.get()).isZero();

    try (RuntimeLease fresh = runtimes.acquire(spec)) {
      assertThat(fresh.runtime()).isNotSameAs(brokenRuntime);
    }
    otherUser.close();
    assertThat(spec.closes.get()).isEqualTo(1);
  }

  @Test
  void closeClosesWhatIsInUseAndRefusesNewUsers() throws Exception {
    GatedSpec spec = new GatedSpec().open(1);
    RuntimeLease lease = runtimes.acquire(spec);
    runtimes.close();
    lease.close();

    assertThat(spec.closes.get()).isEqualTo(1);
    assertThatThrownBy(() -> runtimes.acquire(spec)).isInstanceOf(IllegalStateException.class);
  }

  private Future<RuntimeLease> acquireInBackground(RuntimeSpec spec) {
    Callable<RuntimeLease> acquire =
        () -> {
          Thread.currentThread().setName("waiter-" + Thread.currentThread().getId());
          try {
            return runtimes.acquire(spec);
          } finally {
            Thread.currentThread().setName("idle");
          }
        };
    return threads.submit(acquire);
  }

  /** Waits until so many threads wait inside {@link SharedRuntimes#acquire}. */
  private static void awaitWaiters(int count) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < deadline) {
      long waiting =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("waiter-"))
              .filter(thread -> thread.getState() == Thread.State.WAITING)
              .count();
      if (waiting == count) {
        return;
      }
      Thread.sleep(5);
    }
    throw new AssertionError("there were never " + count + " waiting threads");
  }

  /** Loads and closes when the test lets it. Equal to itself only. */
  private static final class GatedSpec implements RuntimeSpec {
    private static final long serialVersionUID = 1L;

    final transient AtomicInteger loads = new AtomicInteger();
    final transient AtomicInteger closes = new AtomicInteger();
    final transient CountDownLatch closed = new CountDownLatch(1);
    private final transient Semaphore loadGate = new Semaphore(0);
    private final transient Semaphore closeGate = new Semaphore(1_000);
    private final transient CountDownLatch closing = new CountDownLatch(1);
    private Duration linger;
    private volatile String nextFailure;
    volatile String closingThread;
    transient volatile ModelRuntime failing;
    volatile boolean allFail;
    transient volatile ProgressListener progress;

    GatedSpec linger(Duration value) {
      linger = value;
      return this;
    }

    GatedSpec open(int count) {
      loadGate.release(count);
      return this;
    }

    void letLoad() {
      loadGate.release();
    }

    void failNextLoad(String message) {
      nextFailure = message;
    }

    void holdClose() {
      closeGate.drainPermits();
    }

    void letClose() {
      closeGate.release(1_000);
    }

    void awaitClosing() throws InterruptedException {
      assertThat(closing.await(10, TimeUnit.SECONDS)).isTrue();
    }

    void awaitLoading(int count) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (loads.get() < count && System.nanoTime() < deadline) {
        Thread.sleep(5);
      }
      assertThat(loads.get()).isEqualTo(count);
    }

    @Override
    public String model() {
      return "gated";
    }

    @Override
    public Optional<Duration> linger() {
      return Optional.ofNullable(linger);
    }

    @Override
    public ModelRuntime open(ProgressListener listener) throws RuntimeLoadException {
      progress = listener;
      return open();
    }

    @Override
    public ModelRuntime open() throws RuntimeLoadException {
      loads.incrementAndGet();
      loadGate.acquireUninterruptibly();
      String failure = nextFailure;
      if (failure != null) {
        nextFailure = null;
        throw new RuntimeLoadException(failure);
      }
      return new CountingRuntime(this);
    }
  }

  private record CountingRuntime(GatedSpec spec) implements ModelRuntime {
    @Override
    public GenerationHandle submit(GenerationRequest request, GenerationListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public RuntimeInfo info() {
      return new RuntimeInfo(
          spec.model(), Optional.empty(), "none", "0", Optional.empty(), 1, 1, 0);
    }

    @Override
    public RuntimeStats stats() {
      return RuntimeStats.NONE;
    }

    @Override
    public RuntimeHealth health() {
      return spec.allFail || spec.failing == this
          ? RuntimeHealth.failed("its engine died")
          : RuntimeHealth.READY;
    }

    @Override
    public void close() {
      spec.closing.countDown();
      spec.closeGate.acquireUninterruptibly();
      spec.closingThread = Thread.currentThread().getName();
      spec.closes.incrementAndGet();
      spec.closed.countDown();
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
