package ai.falaj.benchmarks.soak;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the process holds while no runtime is open.
 *
 * @param second of the soak
 * @param residentBytes of the process; absent where the system does not tell
 * @param nativeBytes that native code has allocated; absent where the C library does not tell
 * @param nativeThreads of the process but the JVM's own, which come and go; absent where the system
 *     does not tell
 */
record ResourceSample(
    double second,
    OptionalLong residentBytes,
    OptionalLong nativeBytes,
    OptionalLong nativeThreads) {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final String RESIDENT = "VmRSS:";
  private static final long KIB = 1024;

  /** Names, as Linux cuts them, of threads that the JVM starts and ends as it likes. */
  private static final List<String> JVM_THREADS =
      List.of("GC Thread", "C1 Compiler", "C2 Compiler", "G1 ", "VM ", "Cleaner", "JNA Cleaner");

  /** Collects garbage, trims the native heap, then looks. */
  static ResourceSample take(double second) throws IOException {
    System.gc();
    NativeHeap.trim();
    return new ResourceSample(
        second, readResidentBytes(), NativeHeap.bytesInUse(), countNativeThreads());
  }

  private static OptionalLong readResidentBytes() throws IOException {
    if (!Files.exists(STATUS)) {
      return OptionalLong.empty();
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(RESIDENT))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
        .findFirst();
  }

  private static OptionalLong countNativeThreads() throws IOException {
    if (!Files.exists(TASKS)) {
      return OptionalLong.empty();
    }
    long count = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        count += isJvmThread(task) ? 0 : 1;
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return OptionalLong.of(count);
  }

  /** Also of a thread that has ended since it was listed. */
  private static boolean isJvmThread(Path task) throws IOException {
    try {
      String name = Files.readString(task.resolve("comm"));
      return JVM_THREADS.stream().anyMatch(name::startsWith);
    } catch (NoSuchFileException e) {
      return true;
    }
  }
}
