package ai.falaj.jobs.bench.predict;

import ai.falaj.jobs.stack.LocalFlink;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.types.Row;

/**
 * {@code SELECT ... FROM ML_PREDICT} over a bounded source, with answers in the order in which they
 * come. Source and sink keep everything in memory. Confined to one thread.
 */
final class PredictJob {

  /** More than any round takes: rows that wait for others are no failure here. */
  private static final Duration TIMEOUT = Duration.ofHours(2);

  private final LocalFlink flink;

  PredictJob(LocalFlink flink) {
    this.flink = flink;
  }

  /**
   * @throws Exception what the job failed with, as Flink declares it
   */
  PredictOutcome run(PredictRun run) throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    threads.resetPeakThreadCount();
    int threadsBefore = threads.getThreadCount();
    PredictLog log = PredictLog.begin(run.prompts());
    StreamExecutionEnvironment environment = flink.environment(configuration(run));
    answers(environment, run)
        .map(PredictJob::note)
        .returns(Types.LONG)
        .sinkTo(new DiscardingSink<>());
    environment.execute("ML_PREDICT by " + run.models().get(0).get("provider"));
    return new PredictOutcome(
        log.answers(),
        log.wallMs(),
        log.answerP95Ms(),
        threadsBefore,
        threads.getPeakThreadCount());
  }

  private static Configuration configuration(PredictRun run) {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    return configuration;
  }

  private static DataStream<Row> answers(StreamExecutionEnvironment environment, PredictRun run) {
    environment.setParallelism(run.parallelism());
    StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
    tables
        .getConfig()
        .set(
            ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS,
            run.inFlightPerSubtask())
        .set(ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_TIMEOUT, TIMEOUT)
        .set(
            ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_OUTPUT_MODE,
            ExecutionConfigOptions.AsyncOutputMode.ALLOW_UNORDERED);
    DataStream<Tuple2<Long, String>> prompts =
        environment
            .fromSequence(0, run.prompts().size() - 1)
            .map(index -> Tuple2.of(index, PredictLog.current().send(index.intValue())))
            .returns(Types.TUPLE(Types.LONG, Types.STRING));
    tables.createTemporaryView("prompts", tables.fromDataStream(prompts).as("id", "prompt"));
    List<String> selects = new ArrayList<>();
    for (int model = 0; model < run.models().size(); model++) {
      tables.executeSql(
          "CREATE TEMPORARY MODEL m%d INPUT (prompt STRING) OUTPUT (answer STRING) WITH (%s)"
              .formatted(model, options(run.models().get(model))));
      tables.executeSql(
          "CREATE TEMPORARY VIEW prompts%d AS SELECT * FROM prompts WHERE MOD(id, %d) = %d"
              .formatted(model, run.models().size(), model));
      selects.add(
          ("SELECT id, answer FROM ML_PREDICT("
                  + "TABLE prompts%d, MODEL m%d, DESCRIPTOR(prompt), MAP['async', 'true'])")
              .formatted(model, model));
    }
    return tables.toDataStream(tables.sqlQuery(String.join(" UNION ALL ", selects)));
  }

  private static Long note(Row row) {
    Long id = row.getFieldAs(0);
    PredictLog.current().answer(id.intValue(), row.getFieldAs(1));
    return id;
  }

  private static String options(Map<String, String> model) {
    return new TreeMap<>(model)
        .entrySet().stream()
            .map(option -> quoted(option.getKey()) + " = " + quoted(option.getValue()))
            .collect(Collectors.joining(", "));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
