package ai.falaj.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {

  @TempDir Path parent;

  @Test
  void deletesWhatDeadProcessesLeftAndNothingElse() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    Path abandoned = Files.createDirectories(parent.resolve(dead.pid() + "/kafka"));
    Path inUse =
        Files.createDirectories(
            parent.resolve(ProcessHandle.current().parent().orElseThrow().pid() + "/kafka"));
    Path other = Files.createDirectories(parent.resolve("notes"));

    Path own = RunDirectory.in(parent);

    assertThat(abandoned.getParent()).doesNotExist();
    assertThat(inUse).exists();
    assertThat(other).exists();
    assertThat(own).isEqualTo(parent.resolve("" + ProcessHandle.current().pid())).doesNotExist();
  }
}
