package ai.falaj.runtime.llamacpp.natives;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.testing.RecordingProgress;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Installs the real package with the npm of this machine. */
class NativeLibrariesIT {

  @TempDir Path cache;

  @Test
  void installsLibrariesThatLoadAndAreOfTheRightRelease() throws Exception {
    Platform platform = Platform.current();
    NativeLibraries libraries =
        new NativeLibraries(
            Optional.empty(),
            cache,
            platform,
            () -> NativePackage.of(platform, NativeVariant.CPU),
            System.getenv("PATH"),
            Duration.ofMinutes(5));
    LlamaLibraries installed = libraries.locate(new RecordingProgress());

    assertThat(installed.source()).isEqualTo(LlamaLibraries.Source.INSTALLED);
    assertThat(libraries.verify()).isPresent();
    try (NativeLibrary ggml = NativeLibrary.getInstance(installed.ggmlLibrary().toString());
        NativeLibrary llama = NativeLibrary.getInstance(installed.llamaLibrary().toString())) {
      Function version = llama.getFunction("llama_version");
      assertThat(version.invokeString(new Object[0], false))
          .contains(NativeLibraries.LLAMA_CPP_VERSION);
      assertThat(ggml.getFunction("ggml_backend_load_all_from_path")).isNotNull();
    }
  }
}
