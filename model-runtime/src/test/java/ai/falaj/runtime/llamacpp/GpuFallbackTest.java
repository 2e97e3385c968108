package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.llamacpp.ffi.ComputeDevice;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeVariant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuFallbackTest {

  private static final ComputeDevice CPU =
      new ComputeDevice("CPU", "a CPU", ComputeDevice.Kind.CPU, 1, 1);
  private static final ComputeDevice GPU =
      new ComputeDevice("CUDA0", "a GPU", ComputeDevice.Kind.GPU, 1, 1);

  @TempDir Path folder;

  @Test
  void saysNothingWhereTheCpuWasAskedForOrAGpuIsThere() {
    assertThat(GpuFallback.warning(NativeVariant.CPU, List.of(CPU), libraries())).isEmpty();
    assertThat(GpuFallback.warning(NativeVariant.CUDA, List.of(GPU, CPU), libraries())).isEmpty();
  }

  @Test
  void namesALibraryThatIsMissing() {
    assertThat(GpuFallback.warning(NativeVariant.CUDA, List.of(CPU), libraries()))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("FALAJ_LLAMA_VARIANT is cuda", "no libggml-cuda", "run on the CPU"));
  }

  @Test
  void givesTheSystemsReasonWhyALibraryCannotBeOpened() throws Exception {
    Files.writeString(folder.resolve("libggml-vulkan.so"), "no library");
    assertThat(GpuFallback.warning(NativeVariant.VULKAN, List.of(CPU), libraries()))
        .hasValueSatisfying(
            text -> assertThat(text).contains("libggml-vulkan.so").doesNotContain("\n"));
  }

  private LlamaLibraries libraries() {
    return new LlamaLibraries(
        folder, folder.resolve("a"), folder.resolve("b"), LlamaLibraries.Source.CACHE);
  }
}
