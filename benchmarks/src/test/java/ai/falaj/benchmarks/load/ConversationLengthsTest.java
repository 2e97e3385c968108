package ai.falaj.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationLengthsTest {

  @TempDir Path folder;

  @Test
  void drawsFromTheBuiltInSampleWhatFitsIntoTheContext() {
    List<RequestLength> lengths = ConversationLengths.builtIn().draw(2_000, 512, 1);
    assertThat(lengths)
        .hasSize(2_000)
        .allSatisfy(length -> assertThat(length.total()).isBetween(2, 512));
    assertThat(lengths.stream().mapToInt(RequestLength::promptTokens).distinct().count())
        .isGreaterThan(50);
  }

  @Test
  void drawsTheSameFromTheSameSeed() {
    ConversationLengths trace = ConversationLengths.builtIn();
    assertThat(trace.draw(50, 512, 3)).isEqualTo(trace.draw(50, 512, 3));
    assertThat(trace.draw(50, 512, 3)).isNotEqualTo(trace.draw(50, 512, 4));
  }

  @Test
  void readsTheTraceAsItIsPublished() throws Exception {
    Path trace =
        Files.writeString(
            folder.resolve("trace.csv"),
            """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 18:15:46.6805900,374,44
            """);
    ConversationLengths lengths = ConversationLengths.ofTrace(trace);
    assertThat(lengths.size()).isEqualTo(1);
    assertThat(lengths.draw(1, 4096, 1)).containsExactly(new RequestLength(374, 44));
  }

  @Test
  void scalesPromptAndCompletionAlike() throws Exception {
    Path trace = Files.writeString(folder.resolve("trace.csv"), "800,200\n");
    assertThat(ConversationLengths.ofTrace(trace).draw(1, 100, 1))
        .containsExactly(new RequestLength(80, 20));
  }

  @Test
  void namesTheLineThatIsNoRequest() throws Exception {
    Path trace = Files.writeString(folder.resolve("trace.csv"), "1,2\nsome,thing\n");
    assertThatThrownBy(() -> ConversationLengths.ofTrace(trace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("some,thing");
  }
}
