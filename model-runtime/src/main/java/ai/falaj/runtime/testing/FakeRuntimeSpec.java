package ai.falaj.runtime.testing;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Opens a {@link FakeRuntime}. Tests that must not share a runtime give their specs different
 * models.
 *
 * @param maxSequences requests that run at once
 * @param maxWaiting requests that wait before {@code OVERLOADED}
 * @param contextTokens words of prompt and answer that one request may hold
 * @param reasoning whether answers begin with text on the reasoning channel
 * @param driver who takes the steps
 * @param stepDelay pause after each step of {@link Driver#THREAD}
 * @param loadDelay how long {@link #open()} takes
 * @param lingerTime see {@link #linger()}
 * @param loadFailure message of the {@link RuntimeLoadException} that {@link #open()} throws; null:
 *     it throws none
 * @param hangingRequestIds requests that start and then produce nothing until they are cancelled
 * @param failures requests that fail
 * @param adapters names of adapters that requests may ask for; they change nothing
 */
public record FakeRuntimeSpec(
    String model,
    int maxSequences,
    int maxWaiting,
    int contextTokens,
    boolean reasoning,
    Driver driver,
    Duration stepDelay,
    Duration loadDelay,
    Duration lingerTime,
    String loadFailure,
    List<String> hangingRequestIds,
    List<InjectedFailure> failures,
    List<String> adapters)
    implements RuntimeSpec {

  private static final long serialVersionUID = 1L;

  /** Who takes the steps. */
  public enum Driver {
    /** A thread of the runtime, as in a real one. */
    THREAD,
    /** The test, with {@link FakeRuntime#step()}. */
    TEST
  }

  public FakeRuntimeSpec {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(stepDelay, "stepDelay");
    Objects.requireNonNull(loadDelay, "loadDelay");
    Objects.requireNonNull(lingerTime, "lingerTime");
    hangingRequestIds = List.copyOf(hangingRequestIds);
    failures = List.copyOf(failures);
    adapters = List.copyOf(adapters);
    if (maxSequences < 1 || maxWaiting < 0 || contextTokens < 2) {
      throw new IllegalArgumentException(
          "maxSequences is %d, maxWaiting %d, contextTokens %d; they must be at least 1, 0 and 2"
              .formatted(maxSequences, maxWaiting, contextTokens));
    }
  }

  public static Builder builder(String model) {
    return new Builder(model);
  }

  @Override
  public FakeRuntime open() throws RuntimeLoadException {
    try {
      Thread.sleep(loadDelay.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RuntimeLoadException("loading " + model + " was interrupted", interrupted);
    }
    if (loadFailure != null) {
      throw new RuntimeLoadException(loadFailure);
    }
    return new FakeRuntime(this);
  }

  @Override
  public Optional<Duration> linger() {
    return Optional.of(lingerTime);
  }

  /** Starts from 4 sequences, a waiting queue of 1,000 and a thread without delay. */
  public static final class Builder {
    private final String model;
    private int maxSequences = 4;
    private int maxWaiting = 1_000;
    private int contextTokens = 4_096;
    private boolean reasoning;
    private Driver driver = Driver.THREAD;
    private Duration stepDelay = Duration.ZERO;
    private Duration loadDelay = Duration.ZERO;
    private Duration linger = Duration.ZERO;
    private String loadFailure;
    private final List<String> hangingRequestIds = new ArrayList<>();
    private final List<InjectedFailure> failures = new ArrayList<>();
    private final List<String> adapters = new ArrayList<>();

    private Builder(String model) {
      this.model = model;
    }

    public Builder maxSequences(int value) {
      maxSequences = value;
      return this;
    }

    public Builder maxWaiting(int value) {
      maxWaiting = value;
      return this;
    }

    public Builder contextTokens(int value) {
      contextTokens = value;
      return this;
    }

    public Builder reasoning() {
      reasoning = true;
      return this;
    }

    public Builder drivenByTest() {
      driver = Driver.TEST;
      return this;
    }

    public Builder stepDelay(Duration value) {
      stepDelay = value;
      return this;
    }

    public Builder loadDelay(Duration value) {
      loadDelay = value;
      return this;
    }

    public Builder linger(Duration value) {
      linger = value;
      return this;
    }

    public Builder failLoading(String message) {
      loadFailure = message;
      return this;
    }

    public Builder hang(String requestId) {
      hangingRequestIds.add(requestId);
      return this;
    }

    public Builder fail(InjectedFailure failure) {
      failures.add(failure);
      return this;
    }

    public Builder adapter(String name) {
      adapters.add(name);
      return this;
    }

    public FakeRuntimeSpec build() {
      return new FakeRuntimeSpec(
          model,
          maxSequences,
          maxWaiting,
          contextTokens,
          reasoning,
          driver,
          stepDelay,
          loadDelay,
          linger,
          loadFailure,
          hangingRequestIds,
          failures,
          adapters);
    }
  }
}
