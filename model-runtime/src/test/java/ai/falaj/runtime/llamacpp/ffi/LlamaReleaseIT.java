package ai.falaj.runtime.llamacpp.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.progress.ProgressListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only the release whose header this package follows may be loaded. */
class LlamaReleaseIT {

  @Test
  void refusesAnotherReleaseAndNamesBoth(@TempDir Path directory) throws Exception {
    LlamaLibraries installed = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    copy(installed.folder(), directory);
    Path library = directory.resolve(installed.llamaLibrary().getFileName());
    patchVersion(library, "0.5.0-dev\0", "0.4.9-dev\0");

    assertThatThrownBy(() -> LlamaBackend.requireRelease(library))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("0.4.9")
        .hasMessageContaining("0.5");
  }

  @Test
  void refusesALibraryThatIsNotLlamaCpp(@TempDir Path directory) throws Exception {
    LlamaLibraries installed = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    copy(installed.folder(), directory);
    Path other = directory.resolve(installed.ggmlLibrary().getFileName());

    assertThatThrownBy(() -> LlamaBackend.requireRelease(other))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining(other.toString());
  }

  @Test
  void loadsTheInstalledReleaseAndFindsACpu() throws Exception {
    LlamaLibraries installed = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    LlamaBackend backend =
        LlamaBackend.load(installed.folder(), installed.llamaLibrary(), installed.ggmlLibrary());

    assertThat(backend.version()).startsWith(LlamaBackend.RELEASE + ".");
    assertThat(backend.devices()).anyMatch(device -> device.startsWith("CPU"));
  }

  private static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /**
   * Overwrites the version string of a real library: as close to another release as a test can
   * have.
   */
  private static void patchVersion(Path library, String version, String other) throws Exception {
    String bytes = Files.readString(library, StandardCharsets.ISO_8859_1);
    assertThat(bytes.contains(version)).isTrue();
    String patched = bytes.replace(version, other);
    Files.writeString(library, patched, StandardCharsets.ISO_8859_1);
  }
}
