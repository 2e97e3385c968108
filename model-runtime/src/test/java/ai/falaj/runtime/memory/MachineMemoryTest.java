package ai.falaj.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {

  private static final long GB = 1_000_000_000;

  @TempDir Path proc;
  @TempDir Path cgroup;

  @BeforeEach
  void aMachineOf64GigabytesWithHalfInUse() throws Exception {
    Files.writeString(
        proc.resolve("meminfo"),
        "MemTotal:       62500000 kB\nMemFree:         1000000 kB\nMemAvailable:   31250000 kB\n");
  }

  @Test
  void aMachineWithoutLimitHasWhatTheKernelCallsAvailable() {
    MachineMemory memory = MachineMemory.read(64 * GB, 2 * GB, proc, cgroup);
    assertThat(memory).isEqualTo(new MachineMemory(64 * GB, 32 * GB));
  }

  @Test
  void aContainersFileCacheIsAvailable() throws Exception {
    Files.writeString(cgroup.resolve("memory.stat"), "anon 5000000000\ninactive_file 3000000000\n");
    MachineMemory memory = MachineMemory.read(10 * GB, 2 * GB, proc, cgroup);
    assertThat(memory).isEqualTo(new MachineMemory(10 * GB, 5 * GB));
  }

  @Test
  void theFirstVersionOfControlGroupsIsReadToo() throws Exception {
    Files.createDirectory(cgroup.resolve("memory"));
    Files.writeString(
        cgroup.resolve("memory/memory.stat"), "inactive_file 1\ntotal_inactive_file 4000000000\n");
    MachineMemory memory = MachineMemory.read(10 * GB, 2 * GB, proc, cgroup);
    assertThat(memory.availableBytes()).isEqualTo(6 * GB);
  }

  @Test
  void aContainerNeverHasMoreThanItsMachine() throws Exception {
    MachineMemory memory = MachineMemory.read(50 * GB, 45 * GB, proc, cgroup);
    assertThat(memory.availableBytes()).isEqualTo(32 * GB);
  }

  @Test
  void readsThisMachine() {
    MachineMemory memory = MachineMemory.current();
    assertThat(memory.availableBytes()).isPositive().isLessThanOrEqualTo(memory.totalBytes());
  }
}
