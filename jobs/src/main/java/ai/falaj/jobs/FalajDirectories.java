package ai.falaj.jobs;

import ai.falaj.runtime.files.CacheDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where this installation lies and where it may write.
 *
 * @param home root of the repository or of the distribution: it holds {@code jobs/}. Set by the
 *     launcher as the system property {@code falaj.home}; empty when Falaj's classes run inside
 *     something else, which then cannot start a local stack.
 * @param cache models, natives, logs and the state of the local stack: {@code FALAJ_CACHE_DIR}, or
 *     {@code ~/.cache/falaj}.
 */
public record FalajDirectories(Optional<Path> home, Path cache) {

  public FalajDirectories {
    home = home.map(path -> path.toAbsolutePath().normalize());
    cache = cache.toAbsolutePath().normalize();
  }

  /** Reads the system properties and the environment of this JVM. */
  public static FalajDirectories current() {
    return new FalajDirectories(
        Optional.ofNullable(System.getProperty("falaj.home")).map(Path::of),
        CacheDirectory.locate(System.getenv()));
  }

  /** Log files of the command line and of the local stack's processes. */
  public Path logs() {
    return cache.resolve("logs");
  }

  /** Default state folder of the local stack. */
  public Path stackState() {
    return cache.resolve("stack");
  }

  /** Whether {@link #home} is a source tree, which Maven builds, rather than a distribution. */
  public boolean isSourceTree() {
    return home.filter(path -> Files.isRegularFile(path.resolve("pom.xml"))).isPresent();
  }
}
