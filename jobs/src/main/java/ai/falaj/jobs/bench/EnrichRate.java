package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.jobs.enrich.EnrichmentFile;
import ai.falaj.jobs.enrich.SettingsReader;
import ai.falaj.jobs.enrich.run.LocalEnrichment;
import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;

/**
 * How fast a load was answered.
 *
 * @param seconds the engine: from the first submission to the last end; the job: from the first
 *     rows to the last, so that neither Flink's start nor its last checkpoint counts
 * @param records that were answered in these seconds
 */
record EnrichRate(double seconds, long records, long completionTokens) {

  private static final int SUBTASKS = 2;

  double recordsPerSecond() {
    return records / seconds;
  }

  /** Twice as many requests as sequences are in the runtime, so that it never waits. */
  static EnrichRate ofEngine(ModelRuntime runtime, EnrichLoad load, int sequences)
      throws BenchmarkException, InterruptedException {
    int window = 2 * sequences;
    Semaphore room = new Semaphore(window);
    AtomicLong tokens = new AtomicLong();
    AtomicReference<GenerationException> failure = new AtomicReference<>();
    long startedNanos = System.nanoTime();
    for (int i = 0; i < load.texts().size(); i++) {
      room.acquire();
      GenerationRequest request =
          GenerationRequest.of(
              "r" + i,
              new Prompt.Chat(
                  List.of(
                      new ChatMessage("system", load.instruction()),
                      new ChatMessage("user", load.texts().get(i)))),
              SamplingParameters.greedy(load.newTokens()));
      try {
        runtime.submit(request, new Counting(room, tokens, failure));
      } catch (GenerationException e) {
        throw new BenchmarkException(e.getMessage(), e);
      }
    }
    room.acquire(window);
    if (failure.get() != null) {
      throw new BenchmarkException(failure.get().getMessage(), failure.get());
    }
    return new EnrichRate(
        (System.nanoTime() - startedNanos) / 1e9, load.texts().size(), tokens.get());
  }

  /** Called by the runtime's thread. */
  private record Counting(
      Semaphore room, AtomicLong tokens, AtomicReference<GenerationException> failure)
      implements GenerationListener {
    @Override
    public void onTokens(TokenDelta delta) {
      // The result has the sum.
    }

    @Override
    public void onFinished(GenerationResult result) {
      tokens.addAndGet(result.usage().completionTokens());
      room.release();
    }

    @Override
    public void onFailed(GenerationException e) {
      failure.compareAndSet(null, e);
      room.release();
    }
  }

  /** File to files, with as many requests in the runtime as {@link #ofEngine} has. */
  static EnrichRate ofJob(RuntimeSpec spec, EnrichLoad load, int sequences)
      throws BenchmarkException, InterruptedException, IOException {
    Path directory = Files.createTempDirectory("falaj-bench-enrich");
    try {
      Path input = directory.resolve("records.jsonl");
      ObjectMapper mapper = new ObjectMapper();
      List<String> lines = new ArrayList<>();
      for (String text : load.texts()) {
        lines.add(mapper.writeValueAsString(Map.of("text", text)));
      }
      Files.write(input, lines);
      EnrichmentFile file =
          EnrichmentFile.parse(
              mapper.writeValueAsString(
                  Map.of(
                      "name", "bench",
                      "source",
                          Map.of("type", "files", "path", input.toString(), "format", "jsonl"),
                      "prompt", Map.of("system", load.instruction(), "user", "{{text}}"),
                      "output", Map.of("fields", Map.of("answer", "string")),
                      "sampling", Map.of("max_tokens", load.newTokens()),
                      "sink",
                          Map.of(
                              "type", "files",
                              "path", directory.resolve("out").toString(),
                              "format", "jsonl"))),
              "the benchmark's file");
      Configuration options =
          SettingsReader.options(
              file,
              Configuration.fromMap(
                  Map.of(
                      "falaj.inference.max-in-flight",
                      Integer.toString(Math.max(1, 2 * sequences / SUBTASKS)))));
      Watch watch = new Watch();
      LocalEnrichment.run(
          SettingsReader.read(file, options),
          spec,
          options,
          SUBTASKS,
          Optional.empty(),
          Optional.empty(),
          watch::see);
      return watch.rate();
    } finally {
      try (Stream<Path> left = Files.walk(directory)) {
        left.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  /** Between the first and the last time that the totals changed. Confined to one thread. */
  private static final class Watch {
    private long firstNanos;
    private EnrichmentTotals first;
    private long lastNanos;
    private EnrichmentTotals last;

    void see(EnrichmentTotals totals) {
      if (totals.records() == 0 || last != null && last.records() == totals.records()) {
        return;
      }
      lastNanos = System.nanoTime();
      last = totals;
      if (first == null) {
        firstNanos = lastNanos;
        first = totals;
      }
    }

    EnrichRate rate() throws BenchmarkException {
      if (first == null || last.records() == first.records()) {
        throw new BenchmarkException(
            "the job was over before it could be watched; give it more records");
      }
      return new EnrichRate(
          (lastNanos - firstNanos) / 1e9,
          last.records() - first.records(),
          last.completionTokens() - first.completionTokens());
    }
  }
}
