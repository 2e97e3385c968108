package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {

  private static final String KEY = "sk-0123456789abcdef";

  @TempDir Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("keys"), text);
  }

  @Test
  void knowsTenantsByTheirKeysAndByHashesOfThem() throws Exception {
    String hash =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest("sk-hashed-89abcdef".getBytes(StandardCharsets.UTF_8)));
    ApiKeys keys =
        KeyFile.read(
            file(
                "# tenants\n\nacme "
                    + KEY
                    + "\nbeta\tsha256:"
                    + hash
                    + "\nacme sk-second-key-1234\n"));

    assertThat(keys.tenantOf(KEY)).hasValue("acme");
    assertThat(keys.tenantOf("sk-second-key-1234")).hasValue("acme");
    assertThat(keys.tenantOf("sk-hashed-89abcdef")).hasValue("beta");
    assertThat(keys.tenantOf(hash)).isEmpty();
    assertThat(keys.tenantOf("")).isEmpty();
    assertThat(keys.toString()).doesNotContain(KEY, hash);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing\n",
        "acme\n",
        "acme two words-that-are-long\n",
        "acme short\n",
        "acme sha256:12\n"
      })
  void refusesAFileWithoutSayingWhatIsInIt(String text) throws IOException {
    Path file = file(text);

    assertThatThrownBy(() -> KeyFile.read(file))
        .isInstanceOf(CliException.class)
        .satisfies(
            refusal -> assertThat(refusal.getMessage()).doesNotContain("short", "two", ":12"));
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(() -> KeyFile.read(directory.resolve("none")))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("cannot be read");
  }
}
