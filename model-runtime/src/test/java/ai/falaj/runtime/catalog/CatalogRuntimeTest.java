package ai.falaj.runtime.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.ModelRuntimeContract;
import ai.falaj.runtime.testing.RecordingListener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CatalogRuntimeTest extends ModelRuntimeContract {

  private static final Duration LONG = Duration.ofMinutes(10);

  private final SharedRuntimes runtimes = new SharedRuntimes(LONG);

  @AfterEach
  void closeRuntimes() {
    runtimes.close();
  }

  @Override
  protected ModelRuntime open(int maxSequences, int maxWaiting) throws Exception {
    FakeRuntimeSpec served =
        FakeRuntimeSpec.builder("file")
            .maxSequences(maxSequences)
            .maxWaiting(maxWaiting)
            .contextTokens(512)
            .stepDelay(Duration.ofMillis(1))
            .build();
    return open(Map.of("served", served, "other", fake("other")), "served");
  }

  private ModelRuntime open(Map<String, RuntimeSpec> members, String standard)
      throws RuntimeLoadException {
    return new CatalogSpec(members, standard).open(runtimes, ProgressListener.NONE);
  }

  private static FakeRuntimeSpec fake(String model) {
    return FakeRuntimeSpec.builder(model).build();
  }

  private static GenerationRequest.Builder say(String requestId, String text) {
    return GenerationRequest.builder(requestId, chat(text)).sampling(SamplingParameters.greedy(50));
  }

  private FakeRuntime shared(RuntimeSpec spec) throws Exception {
    try (RuntimeLease lease = runtimes.acquire(spec)) {
      return (FakeRuntime) lease.runtime();
    }
  }

  @Test
  void givesARequestToTheModelThatItNamesAndOthersToTheDefault() throws Exception {
    FakeRuntimeSpec a = fake("file-a");
    FakeRuntimeSpec b = fake("file-b");
    try (ModelRuntime catalog = open(Map.of("a", a, "b", b), "b")) {
      RecordingListener named = new RecordingListener();
      RecordingListener unnamed = new RecordingListener();
      catalog.submit(say("named", "hello").model("a").build(), named);
      catalog.submit(say("unnamed", "hello").build(), unnamed);

      assertThat(named.awaitEnd().result().servedBy().orElseThrow().model()).isEqualTo("a");
      assertThat(unnamed.awaitEnd().result().servedBy().orElseThrow().model()).isEqualTo("b");
      assertThat(named.servedBy().orElseThrow().model()).isEqualTo("a");
      assertThat(named.violations()).isEmpty();
      assertThat(shared(a).received())
          .extracting(GenerationRequest::requestId, GenerationRequest::model)
          .containsExactly(tuple("named", Optional.empty()));
      assertThat(shared(b).received())
          .extracting(GenerationRequest::requestId)
          .containsExactly("unnamed");
    }
  }

  @Test
  void refusesAModelThatItLacksAndListsThoseThatItHas() throws Exception {
    try (ModelRuntime catalog = open(Map.of("a", fake("a"), "b", fake("b")), "b")) {
      RecordingListener listener = new RecordingListener();
      GenerationHandle handle =
          catalog.submit(say("lost", "hello").model("gpt-5").build(), listener);

      GenerationException failure = listener.awaitEnd().failure();
      assertThat(handle.requestId()).isEqualTo("lost");
      assertThat(failure.code()).isEqualTo(RuntimeErrorCode.UNKNOWN_MODEL);
      assertThat(failure)
          .hasMessage("model is 'gpt-5' and there are a, b; name one of them, or none for b");
    }
  }

  @Test
  void sharesItsMembersAndGivesThemBack() throws Exception {
    FakeRuntimeSpec a = FakeRuntimeSpec.builder("a").linger(LONG).build();
    FakeRuntime alone = shared(a);
    ModelRuntime catalog = open(Map.of("a", a, "same", a), "a");
    RecordingListener listener = new RecordingListener();
    catalog.submit(say("r", "hello").model("same").build(), listener);
    assertThat(listener.awaitEnd().result().answer()).isEqualTo("You said: hello");

    assertThat(alone.received()).hasSize(1);
    while (alone.stats().requestsFinished() == 0) {
      Thread.sleep(1); // counted after the listener heard of it
    }
    assertThat(catalog.stats().requestsFinished()).as("counted once").isEqualTo(1);
    catalog.close();
    assertThat(alone.isClosed()).as("it lingers, as its spec says").isFalse();
    assertThat(shared(a)).isSameAs(alone);
  }

  @Test
  void givesAllLeasesBackWhenTheThirdMemberCannotBeLoaded() throws Exception {
    FakeRuntimeSpec a = fake("a");
    FakeRuntimeSpec b = fake("b");
    FakeRuntimeSpec broken = FakeRuntimeSpec.builder("c").failLoading("no such file").build();
    RuntimeLease used = runtimes.acquire(a);
    FakeRuntime runtime = (FakeRuntime) used.runtime();
    assertThatThrownBy(() -> open(Map.of("a", a, "b", b, "c", broken), "a"))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessage("model c of the catalog: no such file");
    assertThat(runtime.isClosed()).as("still in use").isFalse();
    used.close();
    assertThat(runtime.isClosed()).as("the catalog's lease was given back").isTrue();
  }

  @Test
  void theNextCatalogFindsItsMembersWarmAndOthersMakeRoom() throws Exception {
    FakeRuntimeSpec a = FakeRuntimeSpec.builder("a").linger(LONG).build();
    FakeRuntimeSpec b = FakeRuntimeSpec.builder("b").linger(LONG).build();
    FakeRuntimeSpec old = FakeRuntimeSpec.builder("old").linger(LONG).build();
    try (SharedRuntimes jvm = new SharedRuntimes(LONG)) {
      OfJvm first = new OfJvm(new CatalogSpec(Map.of("a", a, "old", old), "a"), jvm);
      FakeRuntime warm;
      FakeRuntime outdated;
      try (RuntimeLease lease = jvm.acquire(first);
          RuntimeLease ofA = jvm.acquire(a);
          RuntimeLease ofOld = jvm.acquire(old)) {
        assertThat(lease.runtime().models()).hasSize(2);
        warm = (FakeRuntime) ofA.runtime();
        outdated = (FakeRuntime) ofOld.runtime();
      }
      OfJvm second = new OfJvm(new CatalogSpec(Map.of("a", a, "b", b), "a"), jvm);
      try (RuntimeLease lease = jvm.acquire(second);
          RuntimeLease ofA = jvm.acquire(a)) {
        assertThat(lease.runtime().models())
            .extracting(RuntimeInfo::model)
            .containsExactly("a", "b");
        assertThat(ofA.runtime()).isSameAs(warm);
        assertThat(warm.isClosed()).isFalse();
        assertThat(outdated.isClosed()).as("made room").isTrue();
      }
    }
  }

  @Test
  void closingEndsItsOwnRequestsAndNotThoseOfOthers() throws Exception {
    FakeRuntimeSpec a = FakeRuntimeSpec.builder("a").hang("mine").hang("theirs").build();
    try (RuntimeLease others = runtimes.acquire(a)) {
      ModelRuntime catalog = open(Map.of("a", a), "a");
      RecordingListener mine = new RecordingListener();
      RecordingListener theirs = new RecordingListener();
      catalog.submit(say("mine", "hello").build(), mine);
      GenerationHandle handle = others.runtime().submit(say("theirs", "hello").build(), theirs);
      catalog.close();
      catalog.close();

      assertThat(mine.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED);
      assertThat(theirs.ended()).isFalse();
      handle.cancel();
      theirs.awaitEnd();
      assertThat(mine.violations()).isEmpty();
      assertThatThrownBy(() -> catalog.submit(say("late", "hello").build(), mine))
          .isInstanceOf(GenerationException.class)
          .extracting(failure -> ((GenerationException) failure).code())
          .isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED);
    }
  }

  @Test
  void tellsOfEachModelAndOfAllTogether() throws Exception {
    FakeRuntimeSpec a = FakeRuntimeSpec.builder("a").contextTokens(100).build();
    FakeRuntimeSpec b = FakeRuntimeSpec.builder("b").contextTokens(200).build();
    try (ModelRuntime catalog = open(Map.of("a", a, "b", b), "b")) {
      for (String model : List.of("a", "b", "b")) {
        RecordingListener listener = new RecordingListener();
        catalog.submit(say("r", "hello").model(model).build(), listener);
        listener.awaitEnd();
      }
      while (catalog.stats().requestsFinished() < 3) {
        Thread.sleep(1); // counted after the listener heard of it
      }
      assertThat(catalog.info().contextTokensPerSequence()).isEqualTo(200);
      assertThat(catalog.models())
          .extracting(RuntimeInfo::model, RuntimeInfo::contextTokensPerSequence)
          .containsExactly(tuple("b", 200), tuple("a", 100));
      assertThat(catalog.statsByModel().get("a").requestsFinished()).isEqualTo(1);
      assertThat(catalog.statsByModel().get("b").requestsFinished()).isEqualTo(2);
    }
  }

  @Test
  void isAsHealthyAsTheMemberThatIsWorstOffAndLoadsAFailedOneAnew() throws Exception {
    Failing failing = new Failing("b");
    ModelRuntime catalog = open(Map.of("a", fake("a"), "b", failing), "a");
    assertThat(catalog.health().state()).isEqualTo(RuntimeHealth.State.READY);

    FailingRuntime first = FailingRuntime.last;
    first.failed = true;
    assertThat(catalog.health()).isEqualTo(RuntimeHealth.failed("b: its engine died"));
    catalog.close();
    try (ModelRuntime next = open(Map.of("a", fake("a"), "b", failing), "a")) {
      assertThat(FailingRuntime.last).isNotSameAs(first);
      assertThat(next.health().state()).isEqualTo(RuntimeHealth.State.READY);
    }
  }

  @Test
  void aSpecTravelsAndEqualsItsLike() throws Exception {
    CatalogSpec spec = new CatalogSpec(Map.of("a", fake("a"), "b", fake("b")), "b");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(spec);
    Object back = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

    assertThat(back).isEqualTo(spec).hasSameHashCodeAs(spec);
    assertThat(spec.models()).containsExactly("a", "b");
    assertThat(spec.model()).isEqualTo("b");
  }

  @Test
  void refusesASpecWithoutItsDefaultAndOneInAnother() {
    assertThatThrownBy(() -> new CatalogSpec(Map.of("a", fake("a")), "b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'b'")
        .hasMessageContaining("[a]");
    CatalogSpec inner = new CatalogSpec(Map.of("a", fake("a")), "a");
    assertThatThrownBy(() -> new CatalogSpec(Map.of("inner", inner), "inner"))
        .hasMessageStartingWith("inner is a catalog in a catalog");
  }

  /** A catalog whose members are in the test's registry in place of the JVM's. */
  private record OfJvm(CatalogSpec spec, SharedRuntimes jvm) implements RuntimeSpec {
    @Override
    public String model() {
      return spec.model();
    }

    @Override
    public Set<RuntimeSpec> parts() {
      return spec.parts();
    }

    @Override
    public boolean holdsModel() {
      return spec.holdsModel();
    }

    @Override
    public Optional<Duration> linger() {
      return spec.linger();
    }

    @Override
    public ModelRuntime open() throws RuntimeLoadException {
      return spec.open(jvm, ProgressListener.NONE);
    }
  }

  private record Failing(String model) implements RuntimeSpec {
    @Override
    public ModelRuntime open() {
      return new FailingRuntime(model);
    }
  }

  /** Serves nothing and says when it is told that it failed. */
  private static final class FailingRuntime implements ModelRuntime {
    private static volatile FailingRuntime last;
    private final String model;
    private volatile boolean failed;

    FailingRuntime(String model) {
      this.model = model;
      last = this;
    }

    @Override
    public GenerationHandle submit(GenerationRequest request, GenerationListener listener) {
      throw new AssertionError("nobody asked");
    }

    @Override
    public RuntimeInfo info() {
      return new RuntimeInfo(model, Optional.empty(), "failing", "1", Optional.empty(), 1, 100, 0);
    }

    @Override
    public RuntimeStats stats() {
      return RuntimeStats.NONE;
    }

    @Override
    public RuntimeHealth health() {
      return failed ? RuntimeHealth.failed("its engine died") : RuntimeHealth.READY;
    }

    @Override
    public void close() {}
  }
}
