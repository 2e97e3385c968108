package ai.falaj.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.TerminalSettings;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo, with a fake runtime in place of the model. */
class LocalServicesIT {

  @TempDir Path directory;

  @Test
  void answersTheExamplePromptsWithAStackOfItsOwn() throws Exception {
    Path home = Path.of(System.getProperty("falaj.home"));
    LocalStackOptions options =
        LocalStackOptions.in(home, directory.resolve("state"), directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), 4);
    Configuration job = new Configuration();
    job.set(CompletionOptions.CHECKPOINT_INTERVAL, Duration.ofMillis(500));
    FakeRuntimeSpec runtime =
        FakeRuntimeSpec.builder("demo-fake")
            .maxSequences(8)
            .stepDelay(Duration.ofMillis(5))
            .reasoning()
            .build();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console =
        new Console(new PrintWriter(out), new PrintWriter(err), false, TerminalSettings.none());

    DemoSummary summary;
    try (Interrupt interrupt = Interrupt.onRaised(() -> {});
        DemoServices services =
            LocalServices.start(
                options, job, 2, runtime, new Checklist(console), ProgressListener.NONE);
        SchemaRegistry registry = new ConfluentSchemaRegistry(services.connection().registry())) {
      summary =
          new DemoSession(services, console)
              .run(
                  DemoPrompts.read(home.resolve("examples/demo-prompts.jsonl")),
                  registry,
                  Duration.ofSeconds(60),
                  interrupt);
      assertThat(services.failure()).isNotDone();
    }

    assertThat(summary.prompts()).isGreaterThanOrEqualTo(48);
    assertThat(summary.isExact()).as(summary.toString()).isTrue();
    assertThat(summary.completed()).isEqualTo(summary.prompts());
    assertThat(summary.batches().max()).isBetween(2.0, 8.0);
    assertThat(summary.tokens().reasoning()).isPositive();
    assertThat(out.toString().lines().filter(line -> line.startsWith("ok ")))
        .hasSize(summary.prompts());
    assertThat(err.toString())
        .contains("✓ Model demo-fake is loaded, completion job runs (", "Kafka is up");
  }
}
