package ai.falaj.jobs.reasoning;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.reasoning.ReasoningPipeline;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.IOUtils;

/** One question through the stages in this process, without Kafka. */
public final class LocalReasoning {

  /**
   * What came of a question: a completion or a dead letter, and the way there unless the question
   * was refused.
   */
  public record Result(
      Optional<Completion> completion,
      Optional<DeadLetter> deadLetter,
      Optional<ReasoningTrace> trace) {}

  private LocalReasoning() {}

  /** The addresses that every job must name, for one that never connects to them. */
  public static void addWhatNobodyConnectsTo(Configuration configuration) {
    configuration.set(CompletionOptions.BOOTSTRAP_SERVERS, "localhost:9");
    configuration.set(CompletionOptions.SCHEMA_REGISTRY_URL, "http://localhost:9");
  }

  /**
   * Waits for the answer.
   *
   * @throws IllegalStateException when the job failed, with its reason
   */
  public static Result run(ReasoningSettings settings, PromptRequest request) throws IOException {
    Path temporary = Files.createTempDirectory("falaj-reason");
    try {
      return run(settings, request, temporary);
    } finally {
      delete(temporary);
    }
  }

  private static Result run(ReasoningSettings settings, PromptRequest request, Path temporary) {
    Configuration flink = new Configuration();
    flink.set(CoreOptions.TMP_DIRS, temporary.toString());
    flink.set(PipelineOptions.GENERIC_TYPES, false);
    flink.set(PipelineOptions.OBJECT_REUSE, true);
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, flink);
    ReasoningPipeline.Streams streams =
        ReasoningPipeline.connect(
            env.fromData(InferenceOutputs.PROMPT_TYPE, record(request)),
            settings.models(),
            settings.reasoning());
    CloseableIterator<OutputRecord<Completion>> completions = streams.completions().collectAsync();
    CloseableIterator<OutputRecord<DeadLetter>> letters = streams.deadLetters().collectAsync();
    CloseableIterator<OutputRecord<ReasoningTrace>> traces = streams.traces().collectAsync();
    try {
      env.execute("reason");
      return new Result(only(completions), only(letters), only(traces));
    } catch (Exception e) { // declared by execute
      throw new IllegalStateException("the question's job failed: " + rootMessage(e), e);
    } finally {
      IOUtils.closeAllQuietly(completions, letters, traces);
    }
  }

  private static <T extends SpecificRecord> Optional<T> only(
      CloseableIterator<OutputRecord<T>> records) {
    return records.hasNext() ? Optional.of(records.next().value()) : Optional.empty();
  }

  private static PromptRecord record(PromptRequest request) {
    return new PromptRecord(
        new RecordOrigin("command-line", 0, 0),
        request.getCreatedAt().toEpochMilli(),
        Optional.of(StandardCharsets.UTF_8.encode(request.getRequestId())),
        Optional.empty(),
        Optional.empty(),
        0,
        new PromptRecord.Request(request));
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(directory)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }
}
