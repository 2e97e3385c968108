package ai.falaj.operators.kafka.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.kafka.access.BrokerAccessException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretReferencesTest {

  @TempDir Path directory;

  @Test
  void namesTheProvidersThatReferencesNeed() throws Exception {
    Files.writeString(directory.resolve("password"), "of-a-folder");
    Path file = Files.writeString(directory.resolve("kafka.properties"), "key=of-a-file");
    Map<String, Object> settings =
        SecretReferences.resolvable(
            Map.of(
                "bootstrap.servers",
                "localhost:1",
                "ssl.key.password",
                "${file:" + file + ":key}",
                "ssl.keystore.password",
                "${directory:" + directory + ":password}",
                "ssl.truststore.password",
                "${env:PATH}"));

    AdminClientConfig resolved = new AdminClientConfig(settings);

    assertThat(resolved.getPassword("ssl.key.password").value()).isEqualTo("of-a-file");
    assertThat(resolved.getPassword("ssl.keystore.password").value()).isEqualTo("of-a-folder");
    assertThat(resolved.getPassword("ssl.truststore.password").value())
        .isEqualTo(System.getenv("PATH"));
  }

  @Test
  void leavesSettingsWithoutReferencesAndOtherProvidersAlone() {
    Map<String, String> plain = Map.of("sasl.jaas.config", "password=\"${no:reference}\"");
    Map<String, String> own = Map.of("config.providers", "vault", "ssl.key.password", "${env:KEY}");

    assertThat(SecretReferences.resolvable(plain)).isEqualTo(plain);
    assertThat(SecretReferences.resolvable(own)).isEqualTo(own);
  }

  @Test
  void saysWhichReferenceLeadsNowhere() throws Exception {
    Path file = Files.writeString(directory.resolve("kafka.properties"), "key=value");

    for (String reference :
        List.of("${env:FALAJ_TEST_NOT_SET}", "${file:" + file + ":other}", "${directory:/no:x}")) {
      assertThatThrownBy(
              () ->
                  BrokerAccess.require(
                      Map.of("bootstrap.servers", "localhost:1", "ssl.key.password", reference),
                      List.of()))
          .isInstanceOfSatisfying(
              BrokerAccessException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SETTINGS))
          .hasMessageContaining("ssl.key.password names " + reference)
          .hasMessageNotContaining("value");
    }
  }
}
