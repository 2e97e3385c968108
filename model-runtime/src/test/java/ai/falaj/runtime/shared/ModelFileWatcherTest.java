package ai.falaj.runtime.shared;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileWatcherTest {

  @TempDir Path directory;

  private final AtomicInteger reloads = new AtomicInteger();
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = TinyModels.writeQwen2(directory.resolve("model.gguf"), 1);
  }

  @Test
  void aFileThatStaysIsLeftAlone() throws Exception {
    ModelFileWatcher watcher = watcher();
    poll(watcher, 5);
    assertThat(reloads).hasValue(0);
  }

  @Test
  void aReplacedFileIsLoadedOnceItLooksTheSameTwice() throws Exception {
    ModelFileWatcher watcher = watcher();
    replace(2);
    assertThat(watcher.poll()).isFalse();
    assertThat(watcher.poll()).isTrue();
    poll(watcher, 3);
    assertThat(reloads).hasValue(1);
    replace(3);
    poll(watcher, 2);
    assertThat(reloads).hasValue(2);
  }

  @Test
  void aCopyThatIsUnderWayIsWaitedFor() throws Exception {
    ModelFileWatcher watcher = watcher();
    byte[] content = Files.readAllBytes(TinyModels.writeQwen2(directory.resolve("next"), 2));
    for (int part = 1; part <= 4; part++) {
      Files.write(file, Arrays.copyOf(content, content.length * part / 5));
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000L * part));
      poll(watcher, 3);
    }
    assertThat(reloads).as("a part is no whole model, however long it lies there").hasValue(0);
    Files.write(file, content);
    poll(watcher, 3);
    assertThat(reloads).hasValue(1);
  }

  @Test
  void aFileThatIsGoneForAMomentIsNoChange() throws Exception {
    ModelFileWatcher watcher = watcher();
    Path aside = directory.resolve("aside");
    Files.move(file, aside);
    poll(watcher, 3);
    Files.move(aside, file);
    poll(watcher, 3);
    assertThat(reloads).hasValue(0);
  }

  @Test
  void aLinkThatPointsElsewhereIsAChange() throws Exception {
    Path link = directory.resolve("current.gguf");
    Path other = TinyModels.writeQwen2(directory.resolve("other.gguf"), 2);
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.createSymbolicLink(link, file);
    ModelFileWatcher watcher = new ModelFileWatcher(link, reloads::incrementAndGet);
    Files.delete(link);
    Files.createSymbolicLink(link, other);
    poll(watcher, 3);
    assertThat(reloads).hasValue(1);
  }

  @Test
  void aLoadThatFailsIsNotRepeatedUntilTheFileChangesAgain() throws Exception {
    ModelFileWatcher watcher =
        new ModelFileWatcher(
            file,
            () -> {
              reloads.incrementAndGet();
              throw new RuntimeLoadException("no good");
            });
    replace(2);
    poll(watcher, 6);
    assertThat(reloads).hasValue(1);
    replace(3);
    poll(watcher, 6);
    assertThat(reloads).hasValue(2);
  }

  @Test
  void watchesInAThreadThatClosingEnds() throws Exception {
    CountDownLatch reloaded = new CountDownLatch(1);
    ModelFileWatcher watcher = new ModelFileWatcher(file, reloaded::countDown);
    watcher.start(Duration.ofMillis(5));
    replace(2);
    assertThat(reloaded.await(20, TimeUnit.SECONDS)).isTrue();
    watcher.close();
    watcher.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("falaj-model-watch-model.gguf");
  }

  private ModelFileWatcher watcher() {
    return new ModelFileWatcher(file, reloads::incrementAndGet);
  }

  private void replace(long seed) throws Exception {
    Path next = TinyModels.writeQwen2(directory.resolve("next.gguf"), seed);
    Files.setLastModifiedTime(next, FileTime.fromMillis(1_000_000L * seed));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void poll(ModelFileWatcher watcher, int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      watcher.poll();
    }
  }
}
