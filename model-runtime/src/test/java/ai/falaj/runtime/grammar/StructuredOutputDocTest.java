package ai.falaj.runtime.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/STRUCTURED-OUTPUT.md says what the code does. */
class StructuredOutputDocTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "STRUCTURED-OUTPUT.md");

  @Test
  void namesEveryBound() throws Exception {
    String document = Files.readString(DOCUMENT);
    for (Field bound : Bounds.class.getDeclaredFields()) {
      if (bound.getType() == int.class) {
        assertThat(document)
            .as(bound.getName())
            .containsPattern("\\b" + bound.getInt(null) + "\\b");
      }
    }
  }

  @Test
  void namesEveryFormatAndAnnotation() throws Exception {
    String document = Files.readString(DOCUMENT);
    for (String format : Formats.names().split(", ")) {
      assertThat(document).contains("`" + format + "`");
    }
    for (String annotation : SchemaReader.ANNOTATIONS) {
      assertThat(document).contains("`" + annotation + "`");
    }
  }
}
