package ai.falaj.runtime.llamacpp.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarGzTest {

  @TempDir Path folder;

  @Test
  void writesOnlyWhatWasAskedForAndOnlyWhereItWasAskedFor() throws Exception {
    Path archive = folder.resolve("a.tgz");
    Path out = Files.createDirectory(folder.resolve("out"));
    byte[] large = new byte[100_000];
    Arrays.fill(large, (byte) 7);
    try (TarGzWriter tar = new TarGzWriter(archive)) {
      tar.file("package/other", bytes("other"))
          .file("../../escape", bytes("evil"))
          .file("/absolute", bytes("evil"))
          .entry("package/link", '2', new byte[0], 0)
          .entry("package/dir", '5', new byte[0], 0)
          .file("package/large", large)
          .file("package/empty", new byte[0]);
    }
    Map<String, Path> wanted =
        Map.of(
            "package/large", out.resolve("a"),
            "package/empty", out.resolve("b"),
            "package/link", out.resolve("c"),
            "package/dir", out.resolve("d"),
            "package/missing", out.resolve("e"));

    assertThat(TarGz.extract(archive, wanted))
        .containsExactlyInAnyOrder("package/large", "package/empty");
    assertThat(Files.readAllBytes(out.resolve("a"))).isEqualTo(large);
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile))
          .containsExactlyInAnyOrder(archive, out.resolve("a"), out.resolve("b"));
    }
  }

  @Test
  void refusesDamagedArchives() throws Exception {
    Path archive = folder.resolve("a.tgz");
    Map<String, Path> wanted = Map.of("f", folder.resolve("f"));
    try (TarGzWriter tar = new TarGzWriter(archive)) {
      tar.entry("f", '0', bytes("short"), 1_000_000);
    }
    assertThatThrownBy(() -> TarGz.extract(archive, wanted)).hasMessageContaining("truncated");

    try (TarGzWriter tar = new TarGzWriter(archive)) {
      tar.entry("f", '0', bytes("x"), 1L << 32);
    }
    assertThatThrownBy(() -> TarGz.extract(archive, wanted)).hasMessageContaining("too large");

    try (TarGzWriter tar = new TarGzWriter(archive)) {
      byte[] noHeader = new byte[512];
      noHeader[0] = 'f';
      tar.entry("g", '0', noHeader, 0);
    }
    assertThatThrownBy(() -> TarGz.extract(archive, wanted)).hasMessageContaining("checksum");

    Files.writeString(archive, "no archive");
    assertThatThrownBy(() -> TarGz.extract(archive, wanted)).isInstanceOf(IOException.class);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
