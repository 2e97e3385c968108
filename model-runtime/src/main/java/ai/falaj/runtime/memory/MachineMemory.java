package ai.falaj.runtime.memory;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Memory this process may use: the machine's, or the container's where that has a limit.
 *
 * @param totalBytes all of it
 * @param availableBytes what is not in use, file cache not counted as use where the system tells
 */
public record MachineMemory(long totalBytes, long availableBytes) {

  private static final Path PROC = Path.of("/proc");
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");

  /** As the system says at this moment. */
  public static MachineMemory current() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return read(
        system.getTotalMemorySize(), // the container's limit where there is one
        system.getFreeMemorySize(),
        PROC,
        CGROUP);
  }

  static MachineMemory read(long limitBytes, long freeBytes, Path proc, Path cgroup) {
    OptionalLong machineTotal = field(proc.resolve("meminfo"), "MemTotal:", 1024);
    long machineAvailable = field(proc.resolve("meminfo"), "MemAvailable:", 1024).orElse(freeBytes);
    boolean limited = machineTotal.isPresent() && limitBytes < machineTotal.getAsLong();
    if (!limited) {
      return new MachineMemory(limitBytes, machineAvailable);
    }
    // A container's free memory does not count the file cache, which goes as soon as it is in the
    // way.
    long cache =
        field(cgroup.resolve("memory.stat"), "inactive_file ", 1)
            .orElse(
                field(cgroup.resolve("memory/memory.stat"), "total_inactive_file ", 1).orElse(0));
    return new MachineMemory(
        limitBytes, Math.min(machineAvailable, Math.min(limitBytes, freeBytes + cache)));
  }

  private static OptionalLong field(Path file, String prefix, long unitBytes) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(prefix))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * unitBytes)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // not Linux, or no such cgroup
    }
  }
}
