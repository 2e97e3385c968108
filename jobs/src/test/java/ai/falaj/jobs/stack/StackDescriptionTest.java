package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackDescriptionTest {

  @TempDir private Path state;

  @Test
  void findsTheStackOfALivingProcess() {
    StackDescription written = ofThisProcess();
    written.writeTo(state);

    assertThat(StackDescription.running(state)).contains(written);
  }

  @Test
  void ignoresTheStackOfAProcessThatIsGone() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    new StackDescription("k", "r", "f", process.pid(), 0).writeTo(state);

    assertThat(StackDescription.running(state)).isEmpty();
  }

  @Test
  void ignoresAStackWhosePidAnotherProcessHasNow() {
    StackDescription now = ofThisProcess();
    new StackDescription("k", "r", "f", now.pid(), now.processStartMs() - 60_000).writeTo(state);

    assertThat(StackDescription.running(state)).isEmpty();
  }

  @Test
  void ignoresAFileThatIsNoDescription() throws IOException {
    Files.writeString(state.resolve("stack.json"), "{\"bootstrapServers\":");
    assertThat(StackDescription.running(state)).isEmpty();

    Files.writeString(state.resolve("stack.json"), "{\"other\":1}");
    assertThat(StackDescription.running(state)).isEmpty();
  }

  @Test
  void findsNothingWhereNoStackRan() {
    assertThat(StackDescription.running(state.resolve("absent"))).isEmpty();
  }

  @Test
  void isGoneAfterDelete() {
    ofThisProcess().writeTo(state);
    StackDescription.delete(state);
    StackDescription.delete(state);

    assertThat(StackDescription.running(state)).isEmpty();
    assertThat(state).isEmptyDirectory();
  }

  private static StackDescription ofThisProcess() {
    return StackDescription.ofThisProcess("127.0.0.1:9092", "http://r", "http://f");
  }
}
