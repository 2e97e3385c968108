package ai.falaj.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTlsTest {

  private static final String PASSWORD = "not-a-secret";

  @TempDir private Path dir;
  private HttpsServer server;

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void trustsTheCertificateItIsToldToTrust() throws Exception {
    Path keyStore = startWithCertificateFor("ip:127.0.0.1");

    try (SchemaRegistry registry = new ConfluentSchemaRegistry(trusting(keyStore))) {
      assertThat(registry.schemaById(1).getType().getName()).isEqualTo("string");
    }
  }

  @Test
  void refusesACertificateItDoesNotKnow() throws Exception {
    startWithCertificateFor("ip:127.0.0.1");

    try (SchemaRegistry registry = new ConfluentSchemaRegistry(RegistryConfig.of(url()))) {
      assertRefused(registry);
    }
  }

  /** Confluent's client alone would accept it. */
  @Test
  void refusesACertificateOfAnotherHost() throws Exception {
    Path keyStore = startWithCertificateFor("dns:other.example");

    try (SchemaRegistry registry = new ConfluentSchemaRegistry(trusting(keyStore))) {
      assertRefused(registry);
    }
  }

  private void assertRefused(SchemaRegistry registry) {
    assertThatThrownBy(() -> registry.schemaById(1))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OTHER))
        .hasMessageContaining("schema.registry.ssl.");
  }

  private RegistryConfig trusting(Path keyStore) {
    return new RegistryConfig(
        List.of(url()),
        Map.of(
            "schema.registry.ssl.truststore.location",
            keyStore.toString(),
            "schema.registry.ssl.truststore.type",
            "PKCS12",
            "schema.registry.ssl.truststore.password",
            PASSWORD));
  }

  private String url() {
    return "https://127.0.0.1:" + server.getAddress().getPort();
  }

  private Path startWithCertificateFor(String subjectAlternativeName) throws Exception {
    Path keyStore = dir.resolve("registry.p12");
    createCertificate(keyStore, subjectAlternativeName);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tlsOf(keyStore)));
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "{\"schema\":\"\\\"string\\\"\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return keyStore;
  }

  private static void createCertificate(Path keyStore, String subjectAlternativeName)
      throws IOException, InterruptedException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "registry",
                "-keyalg",
                "EC",
                "-dname",
                "CN=registry",
                "-ext",
                "san=" + subjectAlternativeName,
                "-keystore",
                keyStore.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
  }

  private static SSLContext tlsOf(Path keyStore) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keyStore)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
