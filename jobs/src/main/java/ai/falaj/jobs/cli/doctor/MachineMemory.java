package ai.falaj.jobs.cli.doctor;

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
record MachineMemory(long totalBytes, long availableBytes) {

  static MachineMemory current() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long total = system.getTotalMemorySize(); // the container's limit where there is one
    OptionalLong machine = meminfo("MemTotal");
    boolean limited = machine.isPresent() && total < machine.getAsLong();
    long available =
        limited
            ? system.getFreeMemorySize()
            : meminfo("MemAvailable").orElse(system.getFreeMemorySize());
    return new MachineMemory(total, available);
  }

  private static OptionalLong meminfo(String field) {
    try {
      return Files.readAllLines(Path.of("/proc/meminfo")).stream()
          .filter(line -> line.startsWith(field + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // not Linux
    }
  }
}
