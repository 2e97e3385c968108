package ai.falaj.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryConfigTest {

  @Test
  void picksTheRegistrysSettingsOutOfAClientsConfiguration() {
    RegistryConfig config =
        RegistryConfig.fromProperties(
            Map.of(
                "bootstrap.servers", "localhost:9092",
                "ssl.truststore.password", "of Kafka, not of the registry",
                "schema.registry.url", "http://a:8081, https://b:8081/apis/ccompat/v7",
                "basic.auth.user.info", "user:secret",
                "schema.registry.ssl.truststore.location", "/trust",
                "http.read.timeout.ms", 500));

    assertThat(config.urls()).containsExactly("http://a:8081", "https://b:8081/apis/ccompat/v7");
    assertThat(config.extra())
        .isEqualTo(
            Map.of(
                "basic.auth.user.info", "user:secret",
                "schema.registry.ssl.truststore.location", "/trust",
                "http.read.timeout.ms", "500"));
  }

  @Test
  void showsNoSecret() {
    RegistryConfig config =
        new RegistryConfig(
            List.of("https://user:p@ss@registry:8081/path", "http://plain"),
            Map.of("basic.auth.user.info", "user:secret"));

    assertThat(config.toString())
        .isEqualTo(
            "RegistryConfig[urls=https://registry:8081/path,http://plain,"
                + " extra=[basic.auth.user.info]]");
    assertThatThrownBy(() -> RegistryConfig.of("ftp://user:secret@host"))
        .hasMessageContaining("ftp://host")
        .hasMessageNotContaining("secret");
  }

  @Test
  void refusesAMissingOrUselessUrl() {
    assertThatThrownBy(() -> RegistryConfig.fromProperties(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("schema.registry.url");
    assertThatThrownBy(() -> RegistryConfig.of(" , "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("schema.registry.url");
    assertThatThrownBy(() -> RegistryConfig.of("localhost:8081"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("http://");
    assertThatThrownBy(() -> RegistryConfig.of("http://user:secret@host/a path"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("http://host/a path")
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @Test
  void travelsInAFlinkJob() throws Exception {
    RegistryConfig config = new RegistryConfig(List.of("http://a"), Map.of("proxy.host", "p"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(config);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(config);
    }
  }
}
