package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.reasoning.HeldRecipe.Stage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningTrace;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Problems that wait at each of the stages go on from a savepoint: of an earlier release, and at
 * another parallelism.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReasoningSavepointTest {

  private static final String WRITE = "falaj.savepoint.write";

  /** Of the fixture: problems held at each stage, and one that is through. */
  private static final int HELD = 8;

  private static final int CALLS = 7;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  @TempDir Path directory;
  private MiniCluster cluster;

  @BeforeEach
  void takeCluster(@InjectMiniCluster MiniCluster injected) {
    cluster = injected;
  }

  private static Stage stage(String problem) {
    return Stage.values()[number(problem) % Stage.values().length];
  }

  private static int number(String problem) {
    return Integer.parseInt(problem.substring(problem.indexOf('-') + 1));
  }

  @Test
  void rescalesWithProblemsAtEachStageAndAnswersEachOnce() throws Exception {
    ReasoningSavepointJob job = new ReasoningSavepointJob("rescaled-reasoning");
    int each = 2 * Stage.values().length;

    job.recipe().hold(problem -> Optional.of(stage(problem)));
    JobClient two = job.start(2, "a", each, Optional.empty(), Optional.empty());
    await(two, () -> job.recipe().holding() == each);
    Path first = stop(two);
    assertThat(job.completions.values()).isEmpty();

    job.recipe()
        .hold(
            problem ->
                problem.startsWith("a") ? stage(problem).next() : Optional.of(stage(problem)));
    JobClient three = job.start(3, "b", each, Optional.empty(), Optional.of(first));
    await(
        three,
        () -> job.recipe().holding() == 2 * each - 2 && job.completions.values().size() == 2);
    Path second = stop(three);

    job.recipe().hold(problem -> Optional.empty());
    JobClient one = job.start(1, "c", each, Optional.empty(), Optional.of(second));
    await(one, () -> job.completions.values().size() == 3 * each);
    stop(one); // what was on its way is through

    List<String> all =
        Stream.of("a-", "b-", "c-")
            .flatMap(prefix -> IntStream.range(0, each).mapToObj(number -> prefix + number))
            .toList();
    assertThat(job.completions.values())
        .extracting(Completion::getRequestId)
        .containsExactlyInAnyOrderElementsOf(all);
    assertThat(job.completions.values()).extracting(Completion::getAnswer).containsOnly("answer 2");
    assertThat(job.traces.values())
        .extracting(ReasoningTrace::getRequestId)
        .containsExactlyInAnyOrderElementsOf(all);
    assertThat(job.traces.values())
        .allSatisfy(trace -> assertThat(trace.getCalls()).hasSize(CALLS));
    assertThat(job.deadLetters.values()).isEmpty();
  }

  /** Written by the first release with this job; every later one must read it. */
  @Test
  void goesOnFromTheSavepointOfTheFirstRelease() throws Exception {
    Path savepoint = Path.of(getClass().getResource("/savepoints/reasoning-0.1.0").toURI());
    String cancelled = "w-7";
    assertThat(stage(cancelled)).isEqualTo(Stage.SOLVE);
    ReasoningSavepointJob job = new ReasoningSavepointJob("restored-reasoning");

    job.recipe()
        .hold(problem -> problem.equals(cancelled) ? Optional.of(Stage.SOLVE) : Optional.empty());
    JobClient restored = job.start(2, "n", 1, Optional.of(cancelled), Optional.of(savepoint));
    await(restored, () -> job.completions.values().size() == HELD + 1);
    stop(restored);

    assertThat(job.completions.values())
        .as("the ninth was answered before the savepoint")
        .extracting(completion -> completion.getRequestId() + " " + completion.getFinishReason())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    IntStream.range(0, HELD - 1)
                        .mapToObj(number -> "w-" + number + " " + FinishReason.STOP),
                    Stream.of(cancelled + " " + FinishReason.CANCELLED, "n-0 STOP"))
                .toList());
    assertThat(job.traces.values()).hasSize(HELD + 1);
    assertThat(job.traces.values())
        .filteredOn(trace -> trace.getOutcome() == ReasoningOutcome.ANSWERED)
        .allSatisfy(
            trace -> {
              assertThat(trace.getCalls()).hasSize(CALLS);
              assertThat(trace.getPlans().get(0).getPlan())
                  .isEqualTo("plan of " + trace.getRequestId());
              assertThat(trace.getMetadata()).containsEntry("origin", "test");
            });
    assertThat(job.deadLetters.values()).isEmpty();
  }

  /** Writes the fixture of a release, once: {@code -Dfalaj.savepoint.write=FOLDER}. */
  @Test
  @EnabledIfSystemProperty(named = WRITE, matches = ".+")
  void writesTheSavepointOfThisRelease() throws Exception {
    ReasoningSavepointJob job = new ReasoningSavepointJob("written-reasoning");
    job.recipe()
        .hold(problem -> number(problem) < HELD ? Optional.of(stage(problem)) : Optional.empty());
    JobClient written = job.start(1, "w", HELD + 1, Optional.empty(), Optional.empty());
    await(written, () -> job.recipe().holding() == HELD && job.completions.values().size() == 1);
    FileUtils.copy(
        new org.apache.flink.core.fs.Path(stop(written).toUri()),
        new org.apache.flink.core.fs.Path(Path.of(System.getProperty(WRITE)).toUri()),
        false);
  }

  private Path stop(JobClient job) throws Exception {
    while (!areAllTasksRunning(job)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    String location =
        cluster
            .stopWithSavepoint(
                job.getJobID(), directory.toString(), false, SavepointFormatType.CANONICAL)
            .get();
    return Path.of(URI.create(location));
  }

  private boolean areAllTasksRunning(JobClient job) throws Exception {
    for (AccessExecutionVertex task :
        cluster.getExecutionGraph(job.getJobID()).get().getAllExecutionVertices()) {
      if (task.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  private static void await(JobClient job, BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      assertThat(job.getJobExecutionResult()).isNotDone();
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
