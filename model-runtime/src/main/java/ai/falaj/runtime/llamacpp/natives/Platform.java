package ai.falaj.runtime.llamacpp.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The operating system and processor that libraries must be built for.
 *
 * @param os {@code linux}, {@code mac}, {@code win}, or Java's name of another
 * @param architecture {@code x64}, {@code arm64}, or Java's name of another
 * @param musl whether this is a Linux whose C library is musl (Alpine)
 */
public record Platform(String os, String architecture, boolean musl) {

  /** The platform of this JVM. */
  public static Platform current() {
    return detect(System.getProperty("os.name"), System.getProperty("os.arch"), Path.of("/"));
  }

  static Platform detect(String osName, String osArch, Path root) {
    String lowerOs = osName.toLowerCase(Locale.ROOT);
    String os =
        lowerOs.startsWith("linux")
            ? "linux"
            : lowerOs.startsWith("mac") || lowerOs.startsWith("darwin")
                ? "mac"
                : lowerOs.startsWith("windows") ? "win" : lowerOs.replace(' ', '-');
    String architecture =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64", "x64" -> "x64";
          case "aarch64", "arm64" -> "arm64";
          default -> osArch.toLowerCase(Locale.ROOT);
        };
    return new Platform(os, architecture, os.equals("linux") && isMusl(root));
  }

  /** As in names of packages, such as {@code linux-x64}. */
  public String id() {
    return os + "-" + architecture;
  }

  /** Alpine has musl's loader and no glibc loader; other systems may have both. */
  private static boolean isMusl(Path root) {
    return hasFile(root.resolve("lib"), "ld-musl-")
        && !hasFile(root.resolve("lib"), "ld-linux-")
        && !hasFile(root.resolve("lib64"), "ld-linux-");
  }

  private static boolean hasFile(Path folder, String prefix) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(prefix));
    } catch (IOException e) {
      return false; // No such folder: no such loader.
    }
  }
}
