package ai.falaj.runtime.llamacpp.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What outlives a process that crashed. */
class CrashJournalTest {

  @TempDir Path parent;

  private final AtomicLong nowMs = new AtomicLong(System.currentTimeMillis());
  private Path directory;
  private CrashJournal journal;

  @BeforeEach
  void makeJournal() {
    directory = parent.resolve("not").resolve("there yet");
    journal = new CrashJournal(directory, nowMs::get);
  }

  @Test
  void nothingIsKnownBeforeTheFirstCrash() throws Exception {
    assertThat(journal.crashes()).isEmpty();
    assertThat(journal.version()).hasValue(0);
    journal.forget("a");
    assertThat(directory).doesNotExist();
  }

  @Test
  void keepsIdsAsTheyAre() throws Exception {
    List<String> ids = List.of("plain", "with space", "two\nlines", "طلب", "a/b%2F", "");
    journal.record(ids);

    assertThat(journal.crashes()).containsOnlyKeys(ids);
  }

  @Test
  void writesOneFileForEachCrashAndNothingButIds() throws Exception {
    journal.record(List.of("a", "b"));
    journal.record(List.of("b"));

    assertThat(journal.crashes()).isEqualTo(Map.of("a", 1, "b", 2));
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files)
          .hasSize(2)
          .allSatisfy(
              file -> {
                assertThat(file.getFileName().toString()).startsWith(nowMs.get() + "-");
                assertThat(Files.readString(file)).matches("(a\n)?b\n");
              });
    }
  }

  @Test
  void forgetsOneRequestAndTheFileWithTheLast() throws Exception {
    journal.record(List.of("a", "b"));
    journal.record(List.of("a"));

    journal.forget("a");
    assertThat(journal.crashes()).isEqualTo(Map.of("b", 1));
    journal.forget("b");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void readsTheNewestCrashesOnly() throws Exception {
    for (int number = 0; number < CrashJournal.MAX_FILES + 5; number++) {
      nowMs.incrementAndGet();
      journal.record(List.of("r" + number));
    }

    assertThat(journal.crashes())
        .hasSize(CrashJournal.MAX_FILES)
        .containsKey("r" + (CrashJournal.MAX_FILES + 4))
        .doesNotContainKey("r4");
  }

  @Test
  void passesOverFilesThatAreNotItsOwn() throws Exception {
    journal.record(List.of("a"));
    Files.writeString(directory.resolve("notes.txt"), "b\n");
    Files.writeString(directory.resolve("yesterday-1-1.crash"), "c\n");
    Files.writeString(directory.resolve("123-1-1.crash.99.tmp"), "d\n");

    assertThat(journal.crashes()).containsOnlyKeys("a");
    assertThat(directory.resolve("notes.txt")).exists();
  }
}
