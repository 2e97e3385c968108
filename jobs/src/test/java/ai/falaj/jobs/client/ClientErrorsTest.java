package ai.falaj.jobs.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ConnectionOptions;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.stack.Ports;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Mistakes that need no broker to be noticed, and its absence. */
class ClientErrorsTest {

  @TempDir Path directory;

  @Test
  @Timeout(value = 10, unit = TimeUnit.SECONDS)
  void saysWithinSecondsThatNoBrokerAnswers() {
    String nobody = "localhost:" + Ports.unused();

    assertThat(err(ExitCodes.USAGE, "prompt", "Hi", "--bootstrap", nobody))
        .isEqualTo(
            "falaj: no Kafka broker answers at "
                + nobody
                + "; start one with: falaj up, or give --bootstrap\n");
  }

  @Test
  void saysThatTheBrokersAddressIsWrong() {
    assertThat(err(ExitCodes.USAGE, "consume", "--bootstrap", "no-such-host.invalid:1"))
        .startsWith("falaj: the Kafka settings are wrong: No resolvable bootstrap urls")
        .endsWith("; correct --bootstrap, -X or --config\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          prompt Hi --max-tokens 0   | max_tokens is 0; it must be 1 or more
          prompt Hi --temperature 3  | temperature is 3.0; it must be 0.0 to 2.0
          prompt Hi -n 65            | n is 65; it must be 1 to 64
          prompt Hi --regex a --choice b | regex and choice are set; set one of them
          prompt Hi --reasoning-budget -1 | reasoning_budget is -1; it must be 0 (no reasoning) or more
          prompt Hi --top-logprobs 21 | top_logprobs is 21; it must be 0 to 20
          prompt Hi --schema none.json | none.json cannot be read as text; name a file with a JSON Schema in UTF-8
          topics --partitions 0      | --partitions is 0; give it 1 to 10000 partitions
          prompt Hi --timeout 0      | --timeout is 0; give it 1 second or more
          prompt Hi --registry x:1   | schema.registry.url has x:1; it must start with http:// or https://; correct --registry, -X or --config
          prompt Hi --config none.p  | none.p cannot be read: none.p; correct --config
          consume answers            | answers is no topic of Falaj; name completions, chunks, dead-letters, traces or prompts
          consume --max 0            | --max is 0; give it 1 or more
          produce none.jsonl         | none.jsonl cannot be read; name a file of JSON lines, or - for input
          produce x --rate 0         | --rate is 0.0; give it more than 0 prompts per second
          produce x --repeat 0       | --repeat is 0; give it 1 or more
          produce x --limit -1       | --limit is -1; give it 0 or more
          """)
  void refusesMistakesBeforeConnecting(String line, String message) {
    assertThat(err(ExitCodes.USAGE, line.split(" "))).isEqualTo("falaj: " + message + "\n");
  }

  @Test
  void refusesAnEmptyPrompt() {
    assertThat(err(ExitCodes.USAGE, "prompt", " "))
        .isEqualTo("falaj: the prompt is empty; give it some text\n");
  }

  @Test
  void refusesAFileThatIsNotInUtf8() throws Exception {
    Path file = Files.write(directory.resolve("latin.jsonl"), new byte[] {'"', (byte) 0xe9, '"'});

    assertThat(err(ExitCodes.USAGE, "produce", file.toString()))
        .isEqualTo("falaj: " + file + " is not in UTF-8; convert it\n");
  }

  @Test
  void takesSettingsFromAFileAndLetsTheCommandLineWin() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("client.properties"),
            "bootstrap.servers=file:1\nschema.registry.url=http://file:2\nsasl.mechanism=PLAIN");

    Connection fromFile = resolve("--config", file.toString());
    assertThat(fromFile.bootstrapServers()).isEqualTo("file:1");
    assertThat(fromFile.registry().urls()).containsExactly("http://file:2");
    assertThat(fromFile.settings()).containsEntry("sasl.mechanism", "PLAIN");

    assertThat(resolve("--config", file.toString(), "-X", "bootstrap.servers=x:1"))
        .extracting(Connection::bootstrapServers)
        .isEqualTo("x:1");
    assertThat(resolve("-X", "bootstrap.servers=x:1", "--bootstrap", "option:1"))
        .extracting(Connection::bootstrapServers)
        .isEqualTo("option:1");
  }

  @Test
  void looksForTheLocalStackWhereNothingIsNamed() {
    Connection connection = resolve("--chunks-topic", "mine");

    assertThat(connection.bootstrapServers()).isEqualTo("localhost:9092");
    assertThat(connection.registry().displayUrls())
        .isEqualTo("http://localhost:8082/apis/ccompat/v7");
    assertThat(connection.topic(RecordKind.CHUNKS)).isEqualTo("mine");
    assertThat(connection.topic(RecordKind.PROMPTS)).isEqualTo("falaj.prompts");
  }

  private Connection resolve(String... args) {
    return CommandLine.populateCommand(new ConnectionOptions(), args).resolve(directory);
  }

  @Test
  void pacesEvenlyWithoutMakingUpForLongPauses() {
    Pacer pacer = new Pacer(10);
    long second = Duration.ofSeconds(1).toNanos();

    assertThat(pacer.nanosUntilNext(0)).isZero();
    assertThat(pacer.nanosUntilNext(0)).isEqualTo(second / 10);
    assertThat(pacer.nanosUntilNext(second / 10)).isEqualTo(second / 10);
    int burst = 0;
    while (pacer.nanosUntilNext(60 * second) == 0) {
      burst++;
    }
    assertThat(burst).isEqualTo(11);
    assertThat(new Pacer(Double.POSITIVE_INFINITY).nanosUntilNext(5)).isZero();
  }

  private static String err(int exitCode, String... args) {
    StringWriter err = new StringWriter();
    int actual = Falaj.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err));
    assertThat(actual).as(err.toString()).isEqualTo(exitCode);
    return err.toString();
  }
}
