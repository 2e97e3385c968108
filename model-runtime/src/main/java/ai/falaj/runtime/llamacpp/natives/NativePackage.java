package ai.falaj.runtime.llamacpp.natives;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A package of prebuilt libraries and the SHA-256 of each file that is taken from it.
 *
 * @param id platform and variant, such as {@code linux-x64-cuda}
 */
record NativePackage(String id, Map<String, String> sha256ByFile) {

  /** The release that the binding is written for. */
  static final String LLAMA_CPP_VERSION = "0.5.0";

  private static final String NPM_SCOPE = "@node-llama-cpp/";
  private static final String NPM_VERSION = "3.22.1";

  NativePackage {
    sha256ByFile = Collections.unmodifiableMap(new LinkedHashMap<>(sha256ByFile));
  }

  /**
   * @throws NativeLibrariesException when there is no such package for this platform
   */
  static NativePackage of(Platform platform, NativeVariant variant)
      throws NativeLibrariesException {
    if (platform.musl()) {
      throw new NativeLibrariesException(
          "This Linux uses musl, and the prebuilt llama.cpp "
              + LLAMA_CPP_VERSION
              + " libraries need glibc; use a glibc image (Debian, Ubuntu, ...), or "
              + NativeLibraries.OVERRIDE_REMEDY);
    }
    String id = platform.id() + variant.packageSuffix();
    try (InputStream table = NativePackage.class.getResourceAsStream(id + ".sha256")) {
      if (table == null) {
        throw new NativeLibrariesException(
            "There is no prebuilt llama.cpp "
                + LLAMA_CPP_VERSION
                + " for "
                + id
                + "; "
                + NativeLibraries.OVERRIDE_REMEDY);
      }
      return new NativePackage(id, parse(table));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the resource " + id + ".sha256", e);
    }
  }

  /** As {@code npm pack} takes it. */
  String npmSpec() {
    return NPM_SCOPE + id + "@" + NPM_VERSION;
  }

  /** Where a file lies in the package's archive. */
  String archivePath(String file) {
    return file.equals("LICENSE") ? "package/LICENSE" : "package/bins/" + id + "/" + file;
  }

  /** Lines as {@code sha256sum} writes them. */
  private static Map<String, String> parse(InputStream table) throws IOException {
    Map<String, String> sums = new LinkedHashMap<>();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      String[] parts = line.split("  ", 2);
      sums.put(parts[1], parts[0]);
    }
    return sums;
  }
}
