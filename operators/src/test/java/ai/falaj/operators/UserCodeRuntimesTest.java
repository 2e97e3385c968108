package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UserCodeRuntimesTest {

  private final List<Runnable> hooks = new ArrayList<>();

  @Test
  void closesLingeringRuntimesBeforeFlinkClosesTheJobsClassLoader() throws Exception {
    SharedRuntimes runtimes = new SharedRuntimes(Duration.ofHours(1));
    RuntimeLease lease =
        runtimes.acquire(FakeRuntimeSpec.builder("in a jar").linger(Duration.ofHours(1)).build());
    FakeRuntime runtime = (FakeRuntime) lease.runtime();
    ClassLoader other = ClassLoader.getPlatformClassLoader();
    UserCodeRuntimes.maybeCloseWithClassLoader(runtimes, other, (name, hook) -> hooks.add(hook));
    lease.close();
    assertThat(runtime.isClosed()).isFalse();
    hooks.forEach(Runnable::run);

    assertThat(runtime.isClosed()).isTrue();
  }

  @Test
  void letsRuntimesBesideFlinkOutliveTheJob() {
    SharedRuntimes runtimes = new SharedRuntimes(Duration.ofHours(1));
    UserCodeRuntimes.maybeCloseWithClassLoader(
        runtimes, SharedRuntimes.class.getClassLoader(), (name, hook) -> hooks.add(hook));

    assertThat(hooks).isEmpty();
    runtimes.close();
  }
}
