package ai.falaj.runtime.llamacpp.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The requests that the engine was computing when it ended a process: one small file per crash, in
 * a folder that outlives the process and that the processes of a machine may share.
 *
 * <p>A file's name begins with the time of the crash in milliseconds since the epoch; its lines are
 * request ids in URL encoding, and nothing else. A file appears whole or not at all. Files older
 * than {@link #KEPT} are removed, and of the others no more than {@link #MAX_FILES} are read, the
 * newest. Any thread.
 */
public final class CrashJournal {

  /** How long a crash is remembered. */
  static final Duration KEPT = Duration.ofDays(1);

  /** A process that crashes in a loop writes no more of them into memory. */
  static final int MAX_FILES = 100;

  private static final String SUFFIX = ".crash";
  private static final AtomicInteger CRASHES = new AtomicInteger();

  /** What two changes of the folder may be apart that its time of change does not tell apart. */
  private static final long CLOCK_STEP_MS = 2_000;

  private final Path directory;
  private final LongSupplier clockMs;

  /**
   * @param directory need not exist
   * @param clockMs milliseconds since the epoch
   */
  public CrashJournal(Path directory, LongSupplier clockMs) {
    this.directory = directory;
    this.clockMs = clockMs;
  }

  /** Writes down a crash. The process may end as soon as this returns. */
  public void record(List<String> requestIds) throws IOException {
    Files.createDirectories(directory);
    String name =
        "%d-%d-%d%s"
            .formatted(
                clockMs.getAsLong(),
                ProcessHandle.current().pid(),
                CRASHES.incrementAndGet(),
                SUFFIX);
    write(directory.resolve(name), requestIds);
  }

  /**
   * In how many crashes each request was.
   *
   * @throws IOException if the folder cannot be read
   */
  Map<String, Integer> crashes() throws IOException {
    Map<String, Integer> crashes = new HashMap<>();
    for (Path file : files()) {
      for (String requestId : read(file)) {
        crashes.merge(requestId, 1, Integer::sum);
      }
    }
    return crashes;
  }

  /** Takes a request out that turned out to be harmless. */
  void forget(String requestId) throws IOException {
    for (Path file : files()) {
      List<String> left = new ArrayList<>(read(file));
      if (left.removeIf(requestId::equals)) {
        if (left.isEmpty()) {
          Files.deleteIfExists(file);
        } else {
          write(file, left);
        }
      }
    }
  }

  /**
   * What changes when the journal does; empty while it cannot be told, because it has changed just
   * now. Cheap.
   *
   * @throws IOException if the folder cannot be read
   */
  OptionalLong version() throws IOException {
    long changedMs;
    try {
      changedMs = Files.getLastModifiedTime(directory).toMillis();
    } catch (NoSuchFileException e) {
      changedMs = 0;
    }
    boolean settled = changedMs + CLOCK_STEP_MS < clockMs.getAsLong();
    return settled ? OptionalLong.of(changedMs) : OptionalLong.empty();
  }

  /** The newest, newest first; removes those that are too old. */
  private List<Path> files() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = new ArrayList<>(all.filter(file -> timeMs(file).isPresent()).toList());
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    long oldestMs = clockMs.getAsLong() - KEPT.toMillis();
    List<Path> kept = new ArrayList<>();
    files.sort(Comparator.comparingLong((Path file) -> timeMs(file).getAsLong()).reversed());
    for (Path file : files) {
      if (timeMs(file).getAsLong() < oldestMs) {
        Files.deleteIfExists(file);
      } else if (kept.size() < MAX_FILES) {
        kept.add(file);
      }
    }
    return kept;
  }

  /** Of the crash that the file tells of; empty for other files. */
  private static OptionalLong timeMs(Path file) {
    String name = file.getFileName().toString();
    int end = name.indexOf('-');
    if (!name.endsWith(SUFFIX) || end < 1 || end > 15) {
      return OptionalLong.empty();
    }
    String digits = name.substring(0, end);
    return digits.chars().allMatch(c -> c >= '0' && c <= '9')
        ? OptionalLong.of(Long.parseLong(digits))
        : OptionalLong.empty();
  }

  private static List<String> read(Path file) throws IOException {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
          .map(line -> URLDecoder.decode(line, StandardCharsets.UTF_8))
          .toList();
    } catch (NoSuchFileException e) {
      // Another process removed it meanwhile.
      return List.of();
    }
  }

  private void write(Path file, List<String> requestIds) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String requestId : requestIds) {
      lines.append(URLEncoder.encode(requestId, StandardCharsets.UTF_8)).append('\n');
    }
    Path temporary =
        directory.resolve("%s.%d.tmp".formatted(file.getFileName(), ProcessHandle.current().pid()));
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines.toString());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
