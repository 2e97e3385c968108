package ai.falaj.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The soak finds what runtimes do wrong. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SoakRunTest {

  @Test
  void findsRequestsThatEndTwice() throws Exception {
    SoakReport report = soak(listener -> new EndingTwice(listener));
    assertThat(report.passed()).isFalse();
    assertThat(report.firstViolations()).anyMatch(violation -> violation.endsWith("ended twice"));
    assertThat(report.verdict()).startsWith("FAILED").contains("seed 5");
  }

  @Test
  void findsTokensThatAreNotTold() throws Exception {
    SoakReport report = soak(listener -> new Silent(listener));
    assertThat(report.firstViolations()).anyMatch(violation -> violation.endsWith("0 were told"));
  }

  private static SoakReport soak(UnaryOperator<GenerationListener> fault) throws Exception {
    SoakSettings settings =
        SoakSettings.of(
            List.of(new FaultySpec("fake", fault)), List.of(), Duration.ofMillis(400), 5);
    return new SoakRun(settings).run(line -> {});
  }

  /** A fake runtime whose calls to its listeners are changed on their way. */
  private record FaultySpec(String model, UnaryOperator<GenerationListener> fault)
      implements RuntimeSpec {
    @Override
    public ModelRuntime open() {
      return new Faulty(open(model), fault);
    }

    private static ModelRuntime open(String model) {
      try {
        return FakeRuntimeSpec.builder(model).contextTokens(512).build().open();
      } catch (ai.falaj.runtime.RuntimeLoadException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private record Faulty(ModelRuntime runtime, UnaryOperator<GenerationListener> fault)
      implements ModelRuntime {
    @Override
    public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
        throws GenerationException {
      boolean isTraffic = request.requestId().startsWith("soak-");
      return runtime.submit(request, isTraffic ? fault.apply(listener) : listener);
    }

    @Override
    public RuntimeInfo info() {
      return runtime.info();
    }

    @Override
    public RuntimeStats stats() {
      return runtime.stats();
    }

    @Override
    public void close() {
      runtime.close();
    }
  }

  private static class Forwarding implements GenerationListener {
    protected final GenerationListener listener;

    Forwarding(GenerationListener listener) {
      this.listener = listener;
    }

    @Override
    public void onStarted() {
      listener.onStarted();
    }

    @Override
    public void onTokens(TokenDelta delta) {
      listener.onTokens(delta);
    }

    @Override
    public void onFinished(GenerationResult result) {
      listener.onFinished(result);
    }

    @Override
    public void onFailed(GenerationException failure) {
      listener.onFailed(failure);
    }
  }

  private static final class EndingTwice extends Forwarding {
    EndingTwice(GenerationListener listener) {
      super(listener);
    }

    @Override
    public void onFinished(GenerationResult result) {
      listener.onFinished(result);
      listener.onFinished(result);
    }
  }

  private static final class Silent extends Forwarding {
    Silent(GenerationListener listener) {
      super(listener);
    }

    @Override
    public void onTokens(TokenDelta delta) {}
  }
}
