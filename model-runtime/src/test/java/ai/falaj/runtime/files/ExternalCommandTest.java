package ai.falaj.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.testing.FakePrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalCommandTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path folder;
  private FakePrograms programs;

  @BeforeEach
  void createPrograms() throws IOException {
    programs = new FakePrograms(folder.resolve("bin"));
  }

  @Test
  void keepsExitCodeAndLastLineOfBothOutputs() throws Exception {
    programs.add("fails", "echo out", "echo 'the reason ' >&2", "echo", "exit 3");
    ExternalCommand.Result result = run("fails", LONG);
    assertThat(result.succeeded()).isFalse();
    assertThat(result.exitCode()).contains(3);
    assertThat(result.lastLine()).isEqualTo("the reason");
  }

  @Test
  void keepsTheEndOfALongOutput() throws Exception {
    programs.add("talks", "i=0", "while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
    ExternalCommand.Result result = run("talks", LONG);
    assertThat(result.succeeded()).isTrue();
    assertThat(result.lastLine()).isEqualTo("line 19999");
    assertThat(result.output()).hasSize(64 * 1024);
  }

  @Test
  void killsTheProgramAndItsChildrenWhenItsTimeIsOver() throws Exception {
    Path pid = folder.resolve("pid");
    programs.add("hangs", "/bin/sleep 300 &", "echo $! > " + pid, "wait");
    ExternalCommand.Result result = run("hangs", Duration.ofMillis(500));
    assertThat(result.exitCode()).isEmpty();
    assertThat(result.succeeded()).isFalse();
    long child = Long.parseLong(Files.readString(pid).strip());
    long deadline = System.nanoTime() + LONG.toNanos();
    while (runs(child) && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    assertThat(runs(child)).isFalse();
  }

  @Test
  void killsTheProgramWhenTheCallerIsInterrupted() throws Exception {
    Path pid = folder.resolve("pid");
    programs.add(
        "hangs",
        "echo $$ > " + pid + ".tmp",
        "/bin/mv " + pid + ".tmp " + pid,
        "exec /bin/sleep 300");
    Thread caller = Thread.currentThread();
    Thread interrupter =
        new Thread(
            () -> {
              while (!Files.exists(pid)) {
                Thread.onSpinWait();
              }
              caller.interrupt();
            });
    interrupter.start();
    assertThatThrownBy(() -> run("hangs", LONG)).isInstanceOf(InterruptedException.class);
    interrupter.join();
    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
        .ifPresent(handle -> handle.onExit().join());
  }

  @Test
  void findsExecutablesOnly() throws Exception {
    programs.add("program", "exit 0");
    Files.writeString(folder.resolve("bin/text"), "no program");
    String searchPath = folder.resolve("nowhere") + ":" + programs.searchPath();
    assertThat(ExternalCommand.find("program", searchPath))
        .contains(folder.resolve("bin/program").toAbsolutePath());
    assertThat(ExternalCommand.find("text", searchPath)).isEmpty();
    assertThat(ExternalCommand.find("missing", searchPath)).isEmpty();
    assertThat(ExternalCommand.find("bin", folder.toString())).as("a folder").isEmpty();
  }

  /** A killed orphan stays as a zombie where nothing collects it; that one runs no more. */
  private static boolean runs(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    try {
      return !Files.readString(status).contains("State:\tZ");
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private ExternalCommand.Result run(String program, Duration timeout)
      throws IOException, InterruptedException {
    Path found = ExternalCommand.find(program, programs.searchPath()).orElseThrow();
    return ExternalCommand.run(List.of(found.toString()), folder, programs.searchPath(), timeout);
  }
}
