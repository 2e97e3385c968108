package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.stack.TestJvm;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.progress.ProgressListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code falaj doctor} in a process of its own, where that may not run native code. */
class DoctorCommandIT {

  @TempDir Path directory;

  @Test
  void saysWhyNativeCodeCannotBeUsedAndGoesOn() throws Exception {
    String libraries =
        NativeLibraries.fromEnvironment().locate(ProgressListener.NONE).folder().toString();
    TestJvm doctor =
        TestJvm.start(
            Falaj.class,
            List.of(
                "-Djna.tmpdir=/proc/nothing-can-be-written-here",
                "-Dfalaj.home=" + System.getProperty("falaj.home")),
            Map.of("FALAJ_CACHE_DIR", directory.toString(), "FALAJ_LLAMA_LIB_DIR", libraries),
            List.of("doctor"));
    List<String> lines = new ArrayList<>();
    try {
      for (String line = doctor.readLine(); line != null; line = doctor.readLine()) {
        lines.add(line);
      }
    } finally {
      doctor.terminate();
    }

    assertThat(lines)
        .anyMatch(line -> line.startsWith("fail  llama.cpp  JNA's library cannot be loaded"))
        .anyMatch(line -> line.startsWith("ok    cpu") || line.startsWith("ok    memory"))
        .noneMatch(line -> line.contains("Exception in thread"));
  }
}
