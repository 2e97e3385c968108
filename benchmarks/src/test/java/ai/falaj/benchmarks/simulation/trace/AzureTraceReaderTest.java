package ai.falaj.benchmarks.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AzureTraceReaderTest {

  private static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

  @TempDir private Path folder;

  @Test
  void readsArrivalsFromTheFirstRequestOn() throws Exception {
    Trace trace =
        read(
            HEADER
                + "2023-11-16 18:15:46.6805900,374,44\r\n"
                + "2023-11-16 18:15:50.9951690,396,109\r\n");

    assertThat(trace.requests())
        .containsExactly(
            new TraceRequest(0, 0, 374, 44, ""), new TraceRequest(1, 4_314_579_000L, 396, 109, ""));
  }

  @Test
  void readsTheTimesOf2024() throws Exception {
    Trace trace =
        read(HEADER + "2024-05-10 00:00:00.009930+00:00,9,1\n2024-05-10 00:00:01+00:00,9,1");

    assertThat(trace.requests().get(1).arrivalNanos()).isEqualTo(990_070_000L);
  }

  @Test
  void leavesOutRequestsThatGeneratedNothing() throws Exception {
    Trace trace =
        read(HEADER + "2023-11-16 18:00:00,1,1\n2023-11-16 18:00:01,1,0\n2023-11-16 18:00:02,1,1");

    assertThat(trace.requests()).extracting(TraceRequest::id).containsExactly(0L, 1L);
  }

  @Test
  void namesTheLineOfABadNumber() {
    assertProblem(
        HEADER + "2023-11-16 18:00:00,1,1\n2023-11-16 18:00:01,x,1\n",
        "line 3",
        "ContextTokens is 'x'");
  }

  @Test
  void namesTheLineOfANumberThatIsTooSmall() {
    assertProblem(HEADER + "2023-11-16 18:00:00,0,1\n", "line 2", "ContextTokens is '0'");
    assertProblem(HEADER + "2023-11-16 18:00:00,1,-1\n", "line 2", "GeneratedTokens is '-1'");
  }

  @Test
  void namesTheLineOfABadTime() {
    assertProblem(HEADER + "yesterday,1,1\n", "line 2", "'yesterday'");
  }

  @Test
  void namesTheLineThatIsOutOfOrder() {
    assertProblem(
        HEADER + "2023-11-16 18:00:01,1,1\n2023-11-16 18:00:00,1,1\n", "line 3", "before");
  }

  @Test
  void namesTheLineWithAnotherNumberOfColumns() {
    assertProblem(HEADER + "2023-11-16 18:00:01,1\n", "line 2", "2 columns");
  }

  @Test
  void refusesAnotherHeader() {
    assertProblem("time,prompt,completion\n", "line 1", "time,prompt,completion");
  }

  @Test
  void refusesATraceThatEndsTooSoon() {
    assertProblem(HEADER + "2023-11-16 18:00:01,1,1\n", "line 2", "fewer than 2");
  }

  @Test
  void saysThatAFileIsMissing() {
    assertThatThrownBy(() -> AzureTraceReader.read(folder.resolve("absent.csv")))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("absent.csv");
  }

  private Trace read(String text) throws IOException, TraceFormatException {
    return AzureTraceReader.read(Files.writeString(folder.resolve("trace.csv"), text));
  }

  private void assertProblem(String text, String... parts) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("trace.csv")
        .hasMessageContainingAll(parts);
  }
}
