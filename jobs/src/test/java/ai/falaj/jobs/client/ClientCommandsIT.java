package ai.falaj.jobs.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.stack.Ports;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The client's commands against a real broker and a real registry. */
class ClientCommandsIT {

  /**
   * A process in the background of a script ignores SIGINT, and so do its children; a user's
   * terminal does not.
   */
  private static final String LISTEN_TO_CTRL_C =
      "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
          + " os.execvp(sys.argv[1], sys.argv[1:])";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir static Path directory;
  private static KafkaAndRegistry services;

  private Connection connection;
  private ScriptedJob job;

  @BeforeAll
  static void startServices() {
    services = KafkaAndRegistry.start(directory.resolve("services"));
  }

  @AfterAll
  static void stopServices() {
    services.close();
  }

  @BeforeEach
  void startJob(TestInfo test) {
    connection = services.topics(test.getTestMethod().orElseThrow().getName());
    job = new ScriptedJob(connection);
  }

  @AfterEach
  void stopJob() {
    job.close();
  }

  @Test
  void printsAnAnswerAsItComes() {
    Ran ran = falaj("prompt", "Hi");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    assertThat(ran.out).isEqualTo("Hello from Falaj\n");
    assertThat(ran.err).containsPattern("3 tokens .*first token after \\d+ ms · STOP");
  }

  @Test
  void createsTheTopicsThatAreMissing() throws IOException {
    Ran first = falaj("topics", "--more", "missing.traces", "--partitions", "3", "--json");
    Ran second = falaj("topics", "--more", "missing.traces");

    assertThat(MAPPER.readTree(first.out).path("created"))
        .extracting(JsonNode::asText)
        .containsExactly("missing.traces");
    assertThat(MAPPER.readTree(first.out).path("existing")).hasSize(4);
    assertThat(second.exitCode).as(second.err).isEqualTo(ExitCodes.OK);
    assertThat(second.out).doesNotContain("created").contains("exists   missing.traces");
  }

  @Test
  void saysWhyTheBrokerRefusesATopic() {
    Ran ran = falaj("topics", "--more", "too.safe", "--replication", "3");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(ran.err).contains("answered:").containsIgnoringCase("replication");
  }

  @Test
  void marksReasoningWhereThereAreNoColours() {
    assertThat(falaj("prompt", "think").out).isEqualTo("<think>\n2 and 2\n</think>\n\n4\n");
  }

  @Test
  void saysThatAnAnswerBeganAnew() {
    Ran ran = falaj("prompt", "restart");

    assertThat(ran.out).isEqualTo("Good evening\nmorning\n");
    assertThat(ran.err).contains("[attempt 2 replaces the text after token 1]");
  }

  @Test
  void printsTheCompletionAsOneJsonDocument() throws IOException {
    Ran ran = falaj("prompt", "Hi", "--json");

    JsonNode completion = MAPPER.readTree(ran.out);
    assertThat(completion.path("answer").asText()).isEqualTo("Hello from Falaj");
    assertThat(completion.path("finish_reason").asText()).isEqualTo("STOP");
    assertThat(completion.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
    assertThat(completion.path("provenance").path("seed").asLong()).isEqualTo(7);
  }

  @Test
  void printsSeveralAnswersWhenAllAreThere() {
    Ran ran = falaj("prompt", "samples", "-n", "2");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    assertThat(ran.out)
        .isEqualTo(
            """
            --- sample 1 of 2 · 2 tokens · STOP
            Answer number 0
            --- sample 2 of 2 · 2 tokens · STOP
            Answer number 1
            """);
    assertThat(ran.err).containsPattern("4 tokens .*first token after \\d+ ms · STOP");
  }

  @Test
  void showsHowLikelyTheTokensWere() {
    Ran ran = falaj("prompt", "samples", "-n", "2", "--logprobs");

    assertThat(ran.out)
        .contains("logprobs of sample 1\n'Answer '        -0.500 (60.7%)  'Answer ' -0.500 (60.7%)")
        .contains("logprobs of sample 2\n");
  }

  @Test
  void sendsWhatTheAnswerMustBeLike() throws IOException {
    Path schema = write("schema.json", "{\"type\": \"object\"}");
    falaj(
        "prompt",
        "Hi",
        "--schema",
        schema.toString(),
        "--reasoning-budget",
        "64",
        "--repetition-penalty",
        "1.1",
        "--top-logprobs",
        "3",
        "--tenant",
        "acme",
        "--priority",
        "2",
        "--adapter",
        "legal");
    falaj("prompt", "Hi", "--choice", "yes", "--choice", "no");
    falaj("prompt", "Hi", "--regex", "[0-9]+");

    List<JsonNode> prompts = new ArrayList<>();
    for (String line : falaj("consume", "prompts", "--json").out.lines().toList()) {
      prompts.add(MAPPER.readTree(line).path("value"));
    }
    JsonNode first =
        prompts.stream().filter(p -> p.path("tenant").asText().equals("acme")).findFirst().get();
    assertThat(first.path("priority").asInt()).isEqualTo(2);
    assertThat(first.path("adapter").asText()).isEqualTo("legal");
    JsonNode sampling = first.path("sampling");
    assertThat(sampling.path("response_format").asText().strip())
        .isEqualTo("{\"type\": \"object\"}");
    assertThat(sampling.path("reasoning_budget").asInt()).isEqualTo(64);
    assertThat(sampling.path("repetition_penalty").asDouble()).isEqualTo(1.1);
    assertThat(sampling.path("logprobs").asBoolean()).isTrue();
    assertThat(sampling.path("top_logprobs").asInt()).isEqualTo(3);
    assertThat(prompts)
        .anyMatch(p -> p.path("sampling").path("choice").toString().equals("[\"yes\",\"no\"]"))
        .anyMatch(p -> p.path("sampling").path("regex").asText().equals("[0-9]+"));
  }

  @Test
  void endsWithTheCodeOfADeadLetter() throws IOException {
    Ran ran = falaj("prompt", "dead");
    assertThat(ran.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(ran.err)
        .isEqualTo("falaj: PROMPT_TOO_LONG: the prompt has 9000 tokens; at most 2047 are served\n");

    Ran json = falaj("prompt", "dead", "--json");
    assertThat(json.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(MAPPER.readTree(json.out).path("error_code").asText()).isEqualTo("PROMPT_TOO_LONG");
  }

  @Test
  void cancelsAPromptThatIsSilentForTooLong() throws InterruptedException {
    Ran ran = falaj("prompt", "hang", "--timeout", "1");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(ran.err)
        .contains("falaj: nothing came for 1 s after 1 tokens; check that a completion job runs");
    assertThat(job.cancelledKeys().poll(10, TimeUnit.SECONDS)).startsWith("prompt-");
  }

  @Test
  void cancelsThePromptOnCtrlC() throws Exception {
    Path out = directory.resolve("ctrl-c.out");
    List<String> command =
        new ArrayList<>(
            List.of(
                "python3",
                "-c",
                LISTEN_TO_CTRL_C,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dfalaj.cache.dir=" + directory.resolve("cache"),
                "-cp",
                System.getProperty("java.class.path"),
                Falaj.class.getName(),
                "prompt",
                "hang"));
    command.addAll(KafkaAndRegistry.options(connection));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      for (int i = 0; i < 300 && !Files.readString(out).contains("Hel"); i++) {
        assertThat(process.isAlive()).as("alive: %s", Files.readString(out)).isTrue();
        Thread.sleep(50);
      }
      new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();

      assertThat(process.waitFor(15, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(130);
      assertThat(job.cancelledKeys().poll(10, TimeUnit.SECONDS)).startsWith("prompt-");
      assertThat(Files.readString(out)).contains("Hel\ncancelled prompt-");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void sendsAFileAndReadsTheCompletions() throws IOException {
    Path file = write("good.jsonl", "{\"id\": \"a\", \"prompt\": \"Hi\"}", "", "\"Hello\"");

    Ran sent = falaj("produce", file.toString(), "--repeat", "2", "--json");
    assertThat(sent.exitCode).as(sent.err).isEqualTo(ExitCodes.OK);
    assertThat(MAPPER.readTree(sent.out).path("sent").asInt()).isEqualTo(4);
    assertThat(sent.err).contains("sent 4 prompts to ");

    Ran read = falaj("consume", "--follow", "--max", "4", "--json");
    assertThat(read.out.lines()).hasSize(4);
    assertThat(read.out).contains("\"key\":\"a\"", "\"key\":\"a-r2\"");
    assertThat(falaj("consume", "--request", "a-r2").out.lines().toList())
        .singleElement()
        .asString()
        .contains("a-r2 STOP 3 tok 20 ms Hello from Falaj");
    assertThat(falaj("consume", "chunks", "--request", "a").out.lines()).hasSize(3);
    assertThat(falaj("consume", "prompts", "--max", "3").out.lines()).hasSize(3);
  }

  @Test
  void sendsNothingOfAFileWithABadLine() throws IOException {
    Path file = write("bad.jsonl", "\"Hi\"", "{\"prompt\": \"x\", \"max_tokens\": 0}", "[]");

    Ran ran = falaj("produce", file.toString());

    assertThat(ran.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(ran.err)
        .startsWith("falaj: line 2: max_tokens is 0; it must be 1 or more | line 3: it is neither")
        .contains("(2 of 3 lines are no prompts; nothing was sent); correct them");
    assertThat(falaj("consume", "prompts").out).isEmpty();
  }

  @Test
  void skipsBadLinesWhereAsked() throws IOException {
    Path file = write("bad.jsonl", "\"Hi\"", "{\"promt\": \"x\"}", "\"Hello\"");

    Ran ran = falaj("produce", file.toString(), "--skip-bad");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.OK);
    assertThat(ran.out).startsWith("sent 2 prompts");
    assertThat(ran.err).contains("skipped line 2: unknown field promt; did you mean prompt?");
  }

  @Test
  void sendsNoMoreThanTheLimit() throws IOException {
    Path file = write("many.jsonl", "\"1\"", "\"2\"", "\"3\"");

    assertThat(falaj("produce", file.toString(), "--limit", "2").out).startsWith("sent 2 prompts");
    assertThat(falaj("consume", "prompts").out.lines()).hasSize(2);
  }

  @Test
  void showsBytesThatAreNoRecordAndGoesOn() {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            connection.clientSettings(Map.of()), new StringSerializer(), new StringSerializer())) {
      String topic = connection.topic(RecordKind.COMPLETIONS);
      producer.send(new ProducerRecord<>(topic, 0, "k", "not a record"));
    }
    falaj("prompt", "Hi", "--json");

    Ran ran = falaj("consume", "completions");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.OK);
    assertThat(ran.out.lines()).hasSize(2);
    assertThat(ran.out).contains("UNDECODABLE_RECORD (12 bytes)").contains("Hello from Falaj");
    assertThat(falaj("consume", "--json").out).contains("\"error\":{");
  }

  @Test
  void startsAtATime() throws InterruptedException {
    falaj("prompt", "Hi", "--json");
    Thread.sleep(5);
    long between = System.currentTimeMillis();
    falaj("prompt", "think", "--json");

    assertThat(falaj("consume", "--from", String.valueOf(between)).out.lines().toList())
        .singleElement()
        .asString()
        .endsWith(" 4");
    assertThat(falaj("consume", "--from", "later").err)
        .isEqualTo("falaj: --from is later; give beginning, end or a time\n");
  }

  @Test
  void saysThatTheRegistryIsDown() {
    String nobody = "http://127.0.0.1:" + Ports.unused() + "/apis/ccompat/v7";

    Ran ran =
        run(
            List.of(
                "prompt",
                "Hi",
                "--bootstrap",
                connection.bootstrapServers(),
                "--prompts-topic",
                connection.topic(RecordKind.PROMPTS),
                "--chunks-topic",
                connection.topic(RecordKind.CHUNKS),
                "--completions-topic",
                connection.topic(RecordKind.COMPLETIONS),
                "--dead-letters-topic",
                connection.topic(RecordKind.DEAD_LETTERS),
                "--registry",
                nobody));

    assertThat(ran.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(ran.err)
        .isEqualTo(
            "falaj: no schema registry answers at "
                + nobody
                + "; start one with: falaj up, or give --registry\n");
  }

  @Test
  void saysThatATopicIsMissing() {
    Ran ran =
        run(
            List.of(
                "consume",
                "--bootstrap",
                connection.bootstrapServers(),
                "--completions-topic",
                "nowhere"));

    assertThat(ran.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(ran.err).contains("lacks a topic of nowhere; create it");
  }

  private static Path write(String name, String... lines) throws IOException {
    return Files.write(directory.resolve(name), List.of(lines), StandardCharsets.UTF_8);
  }

  private record Ran(int exitCode, String out, String err) {}

  private Ran falaj(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(KafkaAndRegistry.options(connection));
    return run(all);
  }

  private static Ran run(List<String> args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(args.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    return new Ran(exitCode, out.toString(), err.toString());
  }
}
