package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.stack.BrokerListener;
import ai.falaj.jobs.stack.Certificates;
import ai.falaj.jobs.stack.LocalKafka;
import ai.falaj.jobs.stack.LocalRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Job and commands against a real broker that asks who is there: by password over TLS (SCRAM), by
 * certificate (mutual TLS), and what they say where it does not let them in.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SecureKafkaIT {

  private static final String USER = "falaj";
  private static final String SECRET = "correct-horse";

  @TempDir static Path directory;
  private static LocalRegistry registry;
  private static LocalKafka kafka;
  private static BrokerListener byPassword;
  private static BrokerListener byCertificate;
  private static BrokerListener expired;
  private static Path trusted;
  private static Path client;

  @BeforeAll
  static void startServers() throws Exception {
    Certificates certificates = new Certificates(directory);
    Path broker = certificates.keyStore("broker");
    Path old = certificates.expiredKeyStore("old");
    client = certificates.keyStore("client");
    trusted = certificates.trustStore("trusted");
    Files.writeString(directory.resolve("secrets.properties"), "password=" + SECRET);

    byPassword =
        new BrokerListener(
            "PASSWORD",
            "SASL_SSL",
            Ports.unused(),
            with(
                keys(broker),
                "sasl.enabled.mechanisms",
                "SCRAM-SHA-512",
                "scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"));
    byCertificate =
        new BrokerListener(
            "CERTIFICATE",
            "SSL",
            Ports.unused(),
            with(with(keys(broker), "ssl.client.auth", "required"), trust(trusted)));
    expired = new BrokerListener("EXPIRED", "SSL", Ports.unused(), keys(old));
    Path home = Path.of(System.getProperty("falaj.home"));
    kafka =
        LocalKafka.start(
            home,
            directory.resolve("kafka"),
            directory.resolve("kafka.log"),
            Ports.unused(),
            List.of(byPassword, byCertificate, expired),
            Map.of(USER, SECRET));
    registry =
        LocalRegistry.start(
            home, directory.resolve("registry"), directory.resolve("registry.log"), Ports.unused());
    LocalTopics.create(
        kafka.bootstrapServers(),
        List.of(Topics.PROMPTS, Topics.CHUNKS, Topics.COMPLETIONS, Topics.DEAD_LETTERS),
        1);
  }

  @AfterAll
  static void stopServers() {
    if (registry != null) {
      registry.close();
    }
    if (kafka != null) {
      kafka.close();
    }
  }

  @Test
  void answersOverTlsForAUserWithAPassword() throws Exception {
    assertAnswers(
        byPassword, scram("${file:" + directory.resolve("secrets.properties") + ":password}"));
  }

  @Test
  void answersOverTlsForTheHolderOfACertificate() throws Exception {
    assertAnswers(byCertificate, certificate(client));
  }

  private static void assertAnswers(BrokerListener listener, Map<String, String> settings)
      throws Exception {
    Configuration options = options(listener, settings);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
    CompletionSettings job =
        CompletionJob.build(env, options, FakeRuntimeSpec.builder("secure").build());
    StartCheck.run(options, job);
    JobClient running = env.executeAsync();
    try {
      StringWriter out = new StringWriter();
      List<String> command = new ArrayList<>(List.of("prompt", "Who goes there?"));
      command.addAll(connection(listener, settings));

      assertThat(run(out, command)).as(out.toString()).isEqualTo(ExitCodes.OK);
      assertThat(out.toString()).contains("Who goes there?").doesNotContain(SECRET);
    } finally {
      running.cancel().get();
    }
  }

  static Stream<Arguments> refused() {
    Map<String, String> trustsNobody = Map.of("security.protocol", "SSL");
    return Stream.of(
        Arguments.of("a client in plain text", byPassword, Map.of(), "speaks TLS"),
        Arguments.of("a client without a user", byPassword, tls(), "takes connections"),
        Arguments.of("a wrong password", byPassword, scram("wrong"), "invalid credentials"),
        Arguments.of(
            "a variable that is not set",
            byPassword,
            scram("${env:FALAJ_TEST_NOT_SET}"),
            "${env:FALAJ_TEST_NOT_SET}, which is not there"),
        Arguments.of("no certificate", byCertificate, tls(), "certificate"),
        Arguments.of("an expired certificate", expired, tls(), "NotAfter"),
        Arguments.of("an authority it does not know", expired, trustsNobody, "certification path"),
        Arguments.of(
            "TLS where there is none",
            new BrokerListener("PLAINTEXT", "PLAINTEXT", kafka.port(), Map.of()),
            tls(),
            "speaks no TLS"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void saysWhyTheBrokerLetsThemNotIn(
      String mistake, BrokerListener listener, Map<String, String> settings, String reason)
      throws Exception {
    Configuration options = options(listener, settings);
    CompletionSettings job = CompletionSettings.from(options);
    assertThatThrownBy(() -> StartCheck.run(options, job))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason)
        .hasMessageNotContainingAny(SECRET, "\n");
  }

  @Test
  void commandsSayItInOneLine() {
    Map<String, String> settings = scram("wrong");
    StringWriter out = new StringWriter();
    List<String> command = new ArrayList<>(List.of("consume", "completions"));
    command.addAll(connection(byPassword, settings));

    assertThat(run(out, command)).as(out.toString()).isEqualTo(ExitCodes.USAGE);
    assertThat(out.toString())
        .startsWith("falaj: the broker at " + byPassword.bootstrapServers())
        .contains("invalid credentials")
        .hasLineCount(1);
  }

  @Test
  void namesTheTopicThatIsNotThere() {
    Configuration options = options(byPassword, scram(SECRET));
    options.set(CompletionOptions.CHUNKS_TOPIC, "no.such.topic");
    CompletionSettings job = CompletionSettings.from(options);

    assertThatThrownBy(() -> StartCheck.run(options, job))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no.such.topic");
  }

  @Test
  void leavesABrokerThatIsDownToFlinksRestarts() throws Exception {
    BrokerListener nobody = new BrokerListener("NOBODY", "SSL", Ports.unused(), Map.of());
    Configuration options = options(nobody, tls());

    StartCheck.run(options, CompletionSettings.from(options));
  }

  private static Configuration options(BrokerListener listener, Map<String, String> settings) {
    Configuration options = new Configuration();
    options.set(CompletionOptions.BOOTSTRAP_SERVERS, listener.bootstrapServers());
    options.set(CompletionOptions.SCHEMA_REGISTRY_URL, registry.url());
    options.set(CompletionOptions.CHECKPOINT_INTERVAL, Duration.ofMillis(200));
    settings.forEach(
        (key, value) -> options.setString(CompletionOptions.KAFKA_PROPERTIES_PREFIX + key, value));
    return options;
  }

  private static List<String> connection(BrokerListener listener, Map<String, String> settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--bootstrap", listener.bootstrapServers(), "--registry", registry.url()));
    settings.forEach((key, value) -> arguments.addAll(List.of("-X", key + "=" + value)));
    return arguments;
  }

  /** Output and errors in one. */
  private static int run(StringWriter out, List<String> command) {
    PrintWriter both = new PrintWriter(out);
    return Falaj.run(command.toArray(String[]::new), both, both);
  }

  private static Map<String, String> scram(String password) {
    return with(
        with(trust(trusted), "security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-512"),
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
            + USER
            + "\" password=\""
            + password
            + "\";");
  }

  private static Map<String, String> tls() {
    return with(trust(trusted), "security.protocol", "SSL");
  }

  private static Map<String, String> certificate(Path keyStore) {
    return with(tls(), keys(keyStore));
  }

  private static Map<String, String> keys(Path store) {
    return Map.of(
        "ssl.keystore.location",
        store.toString(),
        "ssl.keystore.type",
        "PKCS12",
        "ssl.keystore.password",
        Certificates.PASSWORD);
  }

  private static Map<String, String> trust(Path store) {
    return Map.of(
        "ssl.truststore.location",
        store.toString(),
        "ssl.truststore.type",
        "PKCS12",
        "ssl.truststore.password",
        Certificates.PASSWORD);
  }

  private static Map<String, String> with(Map<String, String> settings, String... more) {
    Map<String, String> all = new HashMap<>(settings);
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    return all;
  }

  private static Map<String, String> with(Map<String, String> settings, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(more);
    return all;
  }
}
