package ai.falaj.benchmarks.soak;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the process holds while no runtime is open.
 *
 * @param second of the soak
 * @param residentBytes of the process; absent where the system does not tell
 * @param nativeBytes that native code has allocated; absent where the C library does not tell
 * @param threads names of the threads of the process but the JVM's own, which come and go, as Linux
 *     cuts them; empty where the system does not tell
 */
record ResourceSample(
    double second, OptionalLong residentBytes, OptionalLong nativeBytes, List<String> threads) {

  ResourceSample {
    threads = List.copyOf(threads);
  }

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final String RESIDENT = "VmRSS:";
  private static final long KIB = 1024;

  /** Names, as Linux cuts them, of threads that the JVM and JNA start and end as they like. */
  private static final List<String> JVM_THREADS =
      List.of("GC Thread", "C1 Compiler", "C2 Compiler", "G1 ", "JNA Cleaner", "process reaper");

  /** Collects garbage, trims the native heap, then looks. */
  static ResourceSample take(double second) throws IOException {
    System.gc();
    NativeHeap.trim();
    return new ResourceSample(second, readResidentBytes(), NativeHeap.bytesInUse(), threadNames());
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

  private static List<String> threadNames() throws IOException {
    List<String> names = new ArrayList<>();
    if (!Files.exists(TASKS)) {
      return names;
    }
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        name(task)
            .filter(name -> JVM_THREADS.stream().noneMatch(name::startsWith))
            .ifPresent(names::add);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(names);
    return names;
  }

  /** Empty for a thread that has ended since it was listed. */
  private static Optional<String> name(Path task) throws IOException {
    try {
      return Optional.of(Files.readString(task.resolve("comm")).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
