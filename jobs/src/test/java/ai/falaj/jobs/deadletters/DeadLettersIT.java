package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real broker and a real registry. */
class DeadLettersIT {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir static Path directory;
  private static KafkaAndRegistry services;

  private Connection connection;
  private String prompts;
  private String letters;
  private SchemaRegistry registry;
  private Producer<byte[], byte[]> job;
  private int failed;

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
    prompts = connection.topic(RecordKind.PROMPTS);
    letters = connection.topic(RecordKind.DEAD_LETTERS);
    registry = new ConfluentSchemaRegistry(connection.registry());
    job =
        new KafkaProducer<>(
            connection.clientSettings(
                Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, UUID.randomUUID().toString())),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    job.initTransactions();
  }

  @AfterEach
  void stopJob() {
    job.close();
    registry.close();
  }

  @Test
  void listsLettersOldestFirstWithoutTheirPrompts() {
    fail("b", ErrorCode.ENGINE_FAILURE);
    fail("a", ErrorCode.UNKNOWN_MODEL);

    Ran ran = falaj("list");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    List<String> lines = ran.out.lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("FAILED ");
    assertThat(lines.get(1))
        .matches(
            "2026-11-23T12:00:01Z  ENGINE_FAILURE  b +\\Q"
                + prompts
                + "-1@7\\E +4 +0 +open +it failed; mend it");
    assertThat(lines.get(2)).contains("UNKNOWN_MODEL   a ");
    assertThat(ran.out).doesNotContain("prompt of");
  }

  @Test
  void listsASelectionForMachines() throws IOException {
    fail("a", ErrorCode.ENGINE_FAILURE);
    fail("b", ErrorCode.UNKNOWN_MODEL);
    fail("c", ErrorCode.UNKNOWN_MODEL);

    assertThat(ids(falaj("list", "--code", "unknown_model", "--json"))).containsExactly("b", "c");
    assertThat(ids(falaj("list", "--request-id", "a", "--json"))).containsExactly("a");
    assertThat(ids(falaj("list", "--since", "2026-11-23T12:00:03Z", "--json")))
        .containsExactly("c");
    assertThat(ids(falaj("list", "--limit", "2", "--json"))).containsExactly("b", "c");
    assertThat(falaj("list", "--summary", "--json").out)
        .isEqualTo("{\"total\":3,\"codes\":{\"UNKNOWN_MODEL\":2,\"ENGINE_FAILURE\":1}}\n");
    assertThat(falaj("list", "--summary").out)
        .isEqualTo("UNKNOWN_MODEL   2\nENGINE_FAILURE  1\nTOTAL           3\n");
  }

  @Test
  void saysThatThereAreNone() {
    assertThat(falaj("list").out).isEqualTo("no dead letters\n");
    assertThat(falaj("retry", "--all").out).isEqualTo("sent 0 letters again\n");
  }

  @Test
  void sendsThePromptAsItWasAndCountsTheRetry() {
    fail("a", ErrorCode.ENGINE_FAILURE);

    Ran ran = falaj("retry", "--all");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    assertThat(ran.out).isEqualTo("sent 1 letter again\n");
    assertThat(sent(prompts))
        .singleElement()
        .satisfies(
            prompt -> {
              assertThat(Letters.text(prompt.key())).isEqualTo("key of a");
              assertThat(Letters.text(prompt.value())).isEqualTo("prompt of a");
              assertThat(Letters.texts(prompt.headers()))
                  .isEqualTo(
                      Map.of("traceparent", Letters.text(Letters.TRACEPARENT), "falaj-retry", "1"));
            });
  }

  @Test
  void sendsNothingTwiceThoughItRunsTwice() {
    fail("a", ErrorCode.ENGINE_FAILURE);
    fail("b", ErrorCode.ENGINE_FAILURE);
    falaj("retry", "--all");

    Ran again = falaj("retry", "--all");

    assertThat(again.out).isEqualTo("sent 0 letters again\n");
    assertThat(again.err).isEqualTo("2 letters had been sent again before\n");
    assertThat(sentIds(prompts)).containsExactlyInAnyOrder("a", "b");
    Ran list = falaj("list");
    assertThat(list.out).isEqualTo("no dead letters\n");
    assertThat(list.err).isEqualTo("2 more were retried; --retried shows them\n");
    assertThat(falaj("list", "--retried").out.lines().skip(1))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains(" retried "));
  }

  @Test
  void losesTrackOfNoLetterThatASelectionLeavesOut() {
    for (String id : List.of("a", "b", "c", "d", "e")) {
      fail(id, id.equals("b") || id.equals("d") ? ErrorCode.UNKNOWN_MODEL : ErrorCode.EMPTY_PROMPT);
    }

    assertThat(falaj("retry", "--code", "UNKNOWN_MODEL").out).startsWith("sent 2 ");
    assertThat(falaj("retry", "--request-id", "e").out).startsWith("sent 1 ");
    assertThat(falaj("retry", "--all", "--limit", "1").out).startsWith("sent 1 ");
    assertThat(sentIds(prompts)).containsExactlyInAnyOrder("b", "d", "e", "a");
    assertThat(falaj("retry", "--all").out).startsWith("sent 1 ");
    assertThat(falaj("retry", "--all").out).startsWith("sent 0 ");
    assertThat(sentIds(prompts)).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
  }

  @Test
  void sendsAPromptThatFailedAgainOnceMoreUntilItIsEnough() {
    fail("a", ErrorCode.ENGINE_FAILURE);
    falaj("retry", "--all");
    DeadLetter second = letter("a", ErrorCode.ENGINE_FAILURE);
    second.setRetries(1);
    publish(second);

    Ran limited = falaj("retry", "--all", "--max-retries", "1");
    assertThat(limited.out).isEqualTo("sent 0 letters again\n");
    assertThat(limited.err)
        .contains("1 letter had been sent again as often as --max-retries 1 allows");
    assertThat(falaj("retry", "--all").out).startsWith("sent 1 ");
    assertThat(sent(prompts))
        .extracting(prompt -> Letters.texts(prompt.headers()).get("falaj-retry"))
        .containsExactly("1", "2");
  }

  @Test
  void saysWhatItWouldSendAndSendsNothing() throws IOException {
    fail("a", ErrorCode.ENGINE_FAILURE);

    Ran ran = falaj("retry", "--all", "--dry-run");
    assertThat(ran.out).contains(" a ").endsWith("would send 1 letter\n");
    JsonNode report = MAPPER.readTree(falaj("retry", "--all", "--dry-run", "--json").out);
    assertThat(report.path("selected").asInt()).isEqualTo(1);
    assertThat(report.path("sent").asInt()).isZero();
    assertThat(report.path("dryRun").asBoolean()).isTrue();
    assertThat(sent(prompts)).isEmpty();
    assertThat(falaj("retry", "--all").out).startsWith("sent 1 ");
  }

  @Test
  void sendsElsewhereWhereAsked() {
    fail("a", ErrorCode.ENGINE_FAILURE);
    String elsewhere = connection.topic(RecordKind.CHUNKS);

    falaj("retry", "--all", "--to", elsewhere);

    assertThat(sentIds(elsewhere)).containsExactly("a");
    assertThat(sent(prompts)).isEmpty();
    assertThat(falaj("retry", "--all", "--to", "nowhere").exitCode).isEqualTo(ExitCodes.OK);
    fail("b", ErrorCode.ENGINE_FAILURE);
    Ran nowhere = falaj("retry", "--all", "--to", "nowhere");
    assertThat(nowhere.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(nowhere.err).contains("lacks a topic of nowhere; create it");
    assertThat(falaj("list").out).contains(" b ");
  }

  @Test
  void sendsEachOnceThoughItIsKilledInTheMiddleOfATransaction() throws Exception {
    for (String id : List.of("a", "b", "c")) {
      fail(id, ErrorCode.ENGINE_FAILURE);
    }
    killedInTheMiddle();
    assertThat(sentIds(prompts)).as("committed before the kill").hasSize(1);

    Ran ran = falaj("retry", "--all");

    assertThat(ran.out).as(ran.err).isEqualTo("sent 2 letters again\n");
    assertThat(ran.err).isEqualTo("1 letter had been sent again before\n");
    assertThat(sentIds(prompts)).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(falaj("retry", "--all").out).isEqualTo("sent 0 letters again\n");
    assertThat(sentIds(prompts)).hasSize(3);
  }

  private void killedInTheMiddle() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RetryUntilKilled.class.getName(),
                connection.bootstrapServers(),
                connection.registry().displayUrls(),
                letters)
            .redirectErrorStream(true)
            .start();
    List<String> said = new ArrayList<>();
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = output.readLine();
      while (line != null && !line.equals(RetryUntilKilled.READY)) {
        said.add(line);
        line = output.readLine();
      }
      assertThat(line).as("said %s", said).isEqualTo(RetryUntilKilled.READY);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void shutsOutASenderThatStillRuns() {
    DeadLetter letter = fail("a", ErrorCode.ENGINE_FAILURE);
    try (LetterSender slow =
        new LetterSender(KafkaClients.producer(connection, letters), letters, Optional.empty())) {
      slow.takeOver();
      slow.send(
          Letter.open(1, 0, letter),
          Original.of(letter).orElseThrow(),
          new ConsumerRecord<>(letters, 1, 0, null, Letters.bytes("v")));

      assertThat(falaj("retry", "--all").out).isEqualTo("sent 1 letter again\n");

      assertThatThrownBy(slow::commit)
          .isInstanceOf(CliException.class)
          .hasMessageStartingWith("another 'falaj dead-letters retry' took over after 0 letters");
    }
    assertThat(sentIds(prompts)).containsExactly("a");
  }

  @Test
  void sendsNothingTwiceWhileAnOpenTransactionOfTheJobHidesTheMarks() {
    fail("a", ErrorCode.ENGINE_FAILURE);
    job.beginTransaction();
    send(letter("later", ErrorCode.ENGINE_FAILURE), 0);
    send(letter("later still", ErrorCode.ENGINE_FAILURE), 1);
    job.flush();
    assertThat(falaj("retry", "--all").out).isEqualTo("sent 1 letter again\n");

    Ran again = falaj("retry", "--all");

    assertThat(again.out).isEqualTo("sent 0 letters again\n");
    assertThat(again.err)
        .contains("1 letter may have been sent again a moment ago, behind an open transaction");
    assertThat(falaj("list").out).contains(" undecided ");
    job.commitTransaction();
    assertThat(falaj("list", "--retried", "--request-id", "a").out).contains(" retried ");
    assertThat(falaj("retry", "--all").out).isEqualTo("sent 2 letters again\n");
    assertThat(sentIds(prompts)).containsExactlyInAnyOrder("a", "later", "later still");
  }

  @Test
  void fetchesWhatWasTooLargeForItsLetterFromWhereItWasRead() throws Exception {
    byte[] large = new byte[950_000];
    RecordMetadata place = prompt(new ProducerRecord<>(prompts, 0, Letters.bytes("k"), large));
    pointTo("large", place.offset());

    assertThat(falaj("retry", "--all").out).isEqualTo("sent 1 letter again\n");

    assertThat(sent(prompts))
        .hasSize(2)
        .allSatisfy(prompt -> assertThat(prompt.value()).isEqualTo(large));
  }

  @Test
  void saysWhatIsNowhereAnyMoreAndSendsTheRest() throws Exception {
    RecordMetadata place =
        prompt(new ProducerRecord<>(prompts, 0, Letters.bytes("k"), new byte[950_000]));
    pointTo("large", place.offset());
    fail("small", ErrorCode.ENGINE_FAILURE);
    try (Admin admin = Admin.create(connection.clientSettings(Map.of()))) {
      admin
          .deleteRecords(Map.of(new TopicPartition(prompts, 0), RecordsToDelete.beforeOffset(-1)))
          .all()
          .get();
    }

    Ran ran = falaj("retry", "--all");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(ran.out).isEqualTo("sent 1 letter again\n");
    assertThat(ran.err)
        .contains(
            "falaj: the record of request large was too large for its letter and is no longer at "
                + prompts
                + "-0@"
                + place.offset());
    assertThat(sentIds(prompts)).containsExactly("small");
    assertThat(falaj("list").out).contains(" large ").doesNotContain(" small ");
  }

  @Test
  void countsRecordsThatAreNoLetters() throws Exception {
    prompt(new ProducerRecord<>(letters, 0, null, Letters.bytes("no letter")));
    fail("a", ErrorCode.ENGINE_FAILURE);

    Ran ran = falaj("list");

    assertThat(ran.out).contains(" a ");
    assertThat(ran.err).isEqualTo("falaj: records of the topic that are no dead letters: 1\n");
  }

  @Test
  void consumeTellsAMarkFromACancellation() {
    fail("a", ErrorCode.ENGINE_FAILURE);
    falaj("retry", "--all");

    assertThat(run("consume", "dead-letters").out.lines())
        .anySatisfy(line -> assertThat(line).endsWith(" retried a"));
  }

  /** What the job writes about a request that it gives up; one second after the one before. */
  private DeadLetter fail(String id, ErrorCode code) {
    DeadLetter letter = letter(id, code);
    publish(letter);
    return letter;
  }

  private DeadLetter letter(String id, ErrorCode code) {
    DeadLetter letter = Letters.letter(id, code);
    letter.setSourceTopic(prompts);
    letter.setFailedAt(Letters.NOON.plusSeconds(++failed));
    return letter;
  }

  private void pointTo(String id, long offset) {
    DeadLetter letter = letter(id, ErrorCode.PROMPT_TOO_LONG);
    letter.setKey(null);
    letter.setValue(null);
    letter.setSourcePartition(0);
    letter.setSourceOffset(offset);
    publish(letter);
  }

  private void publish(DeadLetter letter) {
    job.beginTransaction();
    send(letter, failed % 2);
    job.commitTransaction();
  }

  private void send(DeadLetter letter, int partition) {
    byte[] value = new RecordSerializer<>(DeadLetter.class, registry).serialize(letters, letter);
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(letters, partition, Letters.bytes(letter.getRequestId()), value);
    message.headers().add("traceparent", Letters.TRACEPARENT);
    job.send(message);
  }

  private RecordMetadata prompt(ProducerRecord<byte[], byte[]> message) throws Exception {
    job.beginTransaction();
    var sent = job.send(message);
    job.commitTransaction();
    return sent.get();
  }

  private List<String> sentIds(String topic) {
    return sent(topic).stream()
        .map(message -> Letters.text(message.value()).replace("prompt of ", ""))
        .toList();
  }

  /** Everything that is committed in a topic. */
  private List<ConsumerRecord<byte[], byte[]>> sent(String topic) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer =
        KafkaClients.consumer(connection, IsolationLevel.READ_COMMITTED)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      new TopicScan(consumer, System::nanoTime).readTo(consumer.endOffsets(partitions), found::add);
    }
    return found;
  }

  private static List<String> ids(Ran ran) throws IOException {
    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    List<String> ids = new ArrayList<>();
    for (String line : ran.out.lines().toList()) {
      ids.add(MAPPER.readTree(line).path("request_id").asText());
    }
    return ids;
  }

  private record Ran(int exitCode, String out, String err) {}

  private Ran falaj(String... args) {
    List<String> all = new ArrayList<>(List.of("dead-letters"));
    all.addAll(List.of(args));
    return run(all.toArray(String[]::new));
  }

  private Ran run(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(KafkaAndRegistry.options(connection));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    return new Ran(exitCode, out.toString(), err.toString());
  }
}
