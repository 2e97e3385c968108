package ai.falaj.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.gguf.GgufHeader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyModelsTest {

  @TempDir Path folder;

  @Test
  void writesTheSameModelForTheSameSeed() throws Exception {
    Path first = TinyModels.writeQwen2(folder.resolve("1.gguf"), 5);
    Path again = TinyModels.writeQwen2(folder.resolve("2.gguf"), 5);
    Path other = TinyModels.writeQwen2(folder.resolve("3.gguf"), 6);
    assertThat(Files.mismatch(first, again)).isEqualTo(-1);
    assertThat(Files.mismatch(first, other)).isNotEqualTo(-1);
  }

  @Test
  void writesModelsOfOneShapeThatDifferOnlyInHowTheyEndTurns() throws Exception {
    GgufHeader endless = GgufHeader.read(TinyModels.writeQwen2(folder.resolve("1.gguf"), 5));
    GgufHeader ending =
        GgufHeader.read(TinyModels.writeQwen2EndingTurns(folder.resolve("2.gguf"), 5, 10));
    assertThat(ending.toString()).isEqualTo(endless.toString());
    assertThat(Files.mismatch(endless.file(), ending.file())).isNotEqualTo(-1);
    assertThat(Files.size(endless.file())).isLessThan(1_000_000);
  }
}
