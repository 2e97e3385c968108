package ai.falaj.jobs.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;

/** {@code docker run falaj-cli ...} on a read-only file system. */
class CommandLineImageIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @BeforeAll
  static void requireImages() {
    Docker.assumeEngineAndImages();
  }

  @Test
  void examinesItselfAndFindsItsLibraries() {
    assertThat(run("doctor"))
        .containsPattern("ok +java")
        .containsPattern("ok +llama.cpp .*/opt/falaj/natives");
  }

  @Test
  void knowsItsVersions() {
    assertThat(run("version", "--json")).contains("\"flink\"").contains("2.3.0");
  }

  private static String run(String... command) {
    try (GenericContainer<?> container =
        Docker.container(Docker.image("falaj-cli"))
            .withCommand(command)
            .withCreateContainerCmdModifier(
                create ->
                    Docker.harden(
                        create,
                        Map.of("/tmp", "exec,mode=1777", "/var/lib/falaj", "uid=9999,gid=9999")))
            .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(LIMIT))) {
      container.start();
      return container.getLogs();
    }
  }
}
