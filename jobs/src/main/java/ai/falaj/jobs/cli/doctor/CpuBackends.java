package ai.falaj.jobs.cli.doctor;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which of ggml's CPU backends fits this processor best. Asks each as ggml itself does when it
 * loads them: {@code ggml_backend_score} is 0 where a feature is missing and higher the more is put
 * to use.
 */
final class CpuBackends {

  private static final String PREFIX = "libggml-cpu-";

  private CpuBackends() {}

  /** The name of the best, as in its file's name; empty where there is no choice. */
  static Optional<String> best(Path folder) {
    return files(folder).stream()
        .map(CpuBackends::scored)
        .flatMap(Optional::stream)
        .filter(backend -> backend.score() > 0)
        .max(Comparator.comparingInt(Scored::score))
        .map(Scored::name);
  }

  private record Scored(String name, int score) {}

  private static Optional<Scored> scored(Path library) {
    String file = library.getFileName().toString();
    String name = file.substring(PREFIX.length(), file.indexOf('.', PREFIX.length()));
    try (NativeLibrary opened = NativeLibrary.getInstance(library.toString())) {
      return Optional.of(
          new Scored(name, opened.getFunction("ggml_backend_score").invokeInt(new Object[0])));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty(); // not for this system, or from a release without scores
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches(PREFIX + "[^.]+\\..*"))
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
