package ai.falaj.jobs.eval;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.JobKind;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.eval.data.Problem;
import ai.falaj.jobs.eval.data.ProblemSetReader;
import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.jobs.eval.grading.AnswerKind;
import ai.falaj.jobs.eval.metrics.EvalReport;
import ai.falaj.jobs.eval.metrics.EvalReporter;
import ai.falaj.jobs.eval.run.EvalRun;
import ai.falaj.jobs.eval.run.EvalServices;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.PromptStyle;
import ai.falaj.jobs.eval.run.RequestIds;
import ai.falaj.jobs.eval.run.Results;
import ai.falaj.jobs.stack.LocalCompletionJob;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data set through a whole stack and the real job, with a fake runtime that repeats questions.
 */
class EvalPipelineIT {

  @TempDir Path directory;

  @Test
  void runsADataSetThroughTheJob() throws Exception {
    List<Problem> problems = new ArrayList<>();
    problems.add(problem("right", "Repeat \\boxed{4}"));
    problems.add(problem("wrong", "Repeat \\boxed{5}"));
    problems.addAll(new ProblemSetReader(Optional.empty()).read("gsm8k-100").problems());
    Configuration job = new Configuration();
    job.set(CompletionOptions.CHECKPOINT_INTERVAL, Duration.ofMillis(500));
    LocalStackOptions options =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("state"),
                directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), 4);
    FakeRuntimeSpec runtime =
        FakeRuntimeSpec.builder("eval-fake").maxSequences(16).reasoning().build();
    SamplingParameters sampling =
        SamplingParameters.newBuilder().setN(2).setTemperature(1.0).setSeed(1L).build();
    RequestIds ids = RequestIds.ofNewSession(Results.settings(null, 2));
    List<ProblemResult> results = new ArrayList<>();

    List<Problem> missing;
    try (Interrupt interrupt = Interrupt.onRaised(() -> {});
        EvalServices services =
            EvalServices.start(
                options, LocalCompletionJob.with(runtime), job, 2, ProgressListener.NONE);
        SchemaRegistry registry = new ConfluentSchemaRegistry(services.connection().registry())) {
      EvalRun run =
          new EvalRun(
              services.connection(),
              registry,
              JobKind.COMPLETION,
              ids,
              true,
              problem ->
                  PromptRequest.newBuilder()
                      .setRequestId(ids.of(problem))
                      .setMessages(PromptStyle.PLAIN.messages(problem, Optional.empty()))
                      .setSampling(sampling)
                      .setStream(false)
                      .setCreatedAt(Instant.now())
                      .build());
      missing =
          run.run(
              problems,
              new StartPoint.End(),
              Duration.ofSeconds(60),
              () -> services.failure().isDone(),
              interrupt,
              results::add);
      assertThat(services.failure()).isNotDone();
    }

    assertThat(missing).isEmpty();
    assertThat(results).extracting(ProblemResult::id).doesNotHaveDuplicates().hasSize(102);
    ProblemResult right = result(results, "right");
    assertThat(right.samples()).hasSize(2).allMatch(sample -> sample.correct());
    assertThat(right.samples().get(0).reasoning()).startsWith("thought0");
    assertThat(right.provenance().model()).isEqualTo("eval-fake");
    assertThat(result(results, "wrong").samples()).noneMatch(sample -> sample.correct());
    EvalReport report = new EvalReporter().report("mixed", null, 2, results, List.of());
    assertThat(report.counts().samples()).isEqualTo(204);
    assertThat(report.deadLetters()).isEmpty();
    assertThat(report.reasoningTokens().value()).isEqualTo(6);
  }

  private static Problem problem(String id, String question) {
    return new Problem(id, question, AnswerKey.of(AnswerKind.NUMBER, "4"));
  }

  private static ProblemResult result(List<ProblemResult> results, String id) {
    return results.stream().filter(result -> result.id().equals(id)).findFirst().orElseThrow();
  }
}
