package ai.falaj.runtime.files;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder that holds what Falaj has downloaded. Deleting it costs only the time to download it
 * again.
 */
public final class CacheDirectory {

  /** Environment variable that names another folder than {@code ~/.cache/falaj}. */
  public static final String VARIABLE = "FALAJ_CACHE_DIR";

  private CacheDirectory() {}

  /** {@code FALAJ_CACHE_DIR}, or {@code ~/.cache/falaj}. */
  public static Path locate(Map<String, String> environment) {
    String override = environment.getOrDefault(VARIABLE, "");
    if (!override.isBlank()) {
      return Path.of(override).toAbsolutePath().normalize();
    }
    Path home = Path.of(System.getProperty("user.home"));
    return home.resolve(".cache").resolve("falaj").toAbsolutePath().normalize();
  }
}
