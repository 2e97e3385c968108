package ai.falaj.jobs.enrich;

import ai.falaj.jobs.enrich.rows.Row;
import ai.falaj.jobs.enrich.rows.RowEncoding;
import ai.falaj.jobs.enrich.rows.RowFormat;
import ai.falaj.jobs.enrich.rows.RowReader;
import ai.falaj.jobs.enrich.rows.RowWriter;
import ai.falaj.jobs.enrich.rows.UnreadableRowException;
import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import ai.falaj.jobs.enrich.totals.TotalsAccumulator;
import ai.falaj.operators.DeadLetters;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptOutcome;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.fields.OutputSchema;
import ai.falaj.operators.fields.ParsedOutput;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Puts answers into their records. A record whose answer is not what the fields say, or that has
 * none, leaves with nulls and the reason in the error column, or as a dead letter where there is no
 * such column. What cannot be read is a dead letter in any case: there is nothing to add fields to.
 *
 * <p>State: the totals so far, and nothing of any record. Confined to the task thread.
 */
final class EnrichFunction extends ProcessFunction<PromptOutcome, EnrichedRow>
    implements CheckpointedFunction {

  private static final long serialVersionUID = 1L;

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "totals";

  private final RowFormat format;
  private final OutputSchema output;
  private final RowEncoding encoding;
  private final boolean hasErrorColumn;
  private final int samples;

  private transient RowReader reader;
  private transient RowWriter writer;
  private transient TotalsAccumulator totals;
  private transient ListState<String> state;
  private transient EnrichmentTotals restored;
  private transient FieldValues fieldValues;
  private transient int samplesTaken;

  /**
   * @param samples records to show in the report; holds for each subtask, and again after a restart
   */
  EnrichFunction(
      RowFormat format,
      OutputSchema output,
      RowEncoding encoding,
      boolean hasErrorColumn,
      int samples) {
    this.format = Objects.requireNonNull(format, "format");
    this.output = Objects.requireNonNull(output, "output");
    this.encoding = Objects.requireNonNull(encoding, "encoding");
    this.hasErrorColumn = hasErrorColumn;
    this.samples = samples;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>(STATE_NAME, Types.STRING));
    restored = new EnrichmentTotals();
    for (String part : state.get()) {
      restored.merge(EnrichmentTotals.fromJson(part));
    }
  }

  @Override
  public void open(OpenContext context) {
    reader = format.open();
    writer = encoding.open();
    fieldValues = new FieldValues(output);
    totals = new TotalsAccumulator();
    totals.add(restored);
    samplesTaken = restored.samples().size();
    restored = null;
    getRuntimeContext().addAccumulator(TotalsAccumulator.NAME, totals);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    state.update(List.of(totals.getLocalValue()));
  }

  @Override
  public void processElement(PromptOutcome outcome, Context context, Collector<EnrichedRow> out)
      throws UnreadableRowException {
    totals.count(EnrichmentTotals::addRecord);
    outcome.completion().ifPresent(completion -> count(completion, outcome.reused()));
    Optional<EnrichmentError> error = Optional.empty();
    List<Object> values = List.of();
    if (outcome.completion().isPresent()) {
      ParsedOutput parsed = parse(outcome.completion().get());
      if (parsed instanceof ParsedOutput.Values good) {
        values = good.values();
      } else {
        error = Optional.of(EnrichmentError.of((ParsedOutput.Invalid) parsed));
      }
    } else {
      error = Optional.of(EnrichmentError.of(outcome));
    }
    if (error.isPresent()) {
      fail(outcome, error.get(), context, out);
    } else {
      Row row = row(outcome.prompt());
      totals.count(EnrichmentTotals::addEnriched);
      fieldValues.count(values, totals);
      emit(outcome.prompt(), row, values, null, out);
    }
  }

  /** A text that is everything that is asked for, and was cut, is no value. */
  private ParsedOutput parse(Completion completion) {
    return output.isPlainText() && completion.getFinishReason() == FinishReason.LENGTH
        ? EnrichmentError.cut()
        : output.parse(completion.getAnswer());
  }

  private void fail(
      PromptOutcome outcome, EnrichmentError error, Context context, Collector<EnrichedRow> out)
      throws UnreadableRowException {
    totals.count(all -> all.addError(error.code()));
    if (hasErrorColumn && error.hasRow()) {
      emit(
          outcome.prompt(),
          row(outcome.prompt()),
          Collections.nCopies(output.fields().size(), null),
          error.text(),
          out);
      return;
    }
    totals.count(EnrichmentTotals::addDeadLetter);
    context.output(
        InferenceOutputs.DEAD_LETTERS,
        DeadLetters.of(
            outcome.prompt(),
            outcome.deadLetter().map(letter -> letter.getErrorCode()).orElse(ErrorCode.UNKNOWN),
            error.text(),
            outcome.deadLetter().map(letter -> letter.getAttempts()).orElse(1),
            context.timerService().currentProcessingTime()));
  }

  private void emit(
      PromptRecord prompt, Row row, List<Object> values, String error, Collector<EnrichedRow> out) {
    List<Object> all = values;
    if (hasErrorColumn) {
      all = new ArrayList<>(values);
      all.add(error);
    }
    byte[] bytes = writer.write(row, all);
    if (samplesTaken < samples) {
      samplesTaken++;
      EnrichmentTotals.Sample sample =
          new EnrichmentTotals.Sample(SampleRows.of(row, output, values), error);
      totals.count(totalsSoFar -> totalsSoFar.addSample(sample));
    }
    out.collect(new EnrichedRow(prompt.key(), bytes, prompt.traceparent()));
  }

  private Row row(PromptRecord prompt) throws UnreadableRowException {
    byte[] value = new byte[prompt.value().orElseThrow().remaining()];
    prompt.value().get().duplicate().get(value);
    return reader.read(prompt.origin().topic(), value);
  }

  private void count(Completion completion, boolean reused) {
    if (reused) {
      totals.count(EnrichmentTotals::addReused);
      return;
    }
    boolean again = completion.getMetadata().containsKey(AnswerCheck.ASKED_AGAIN);
    totals.count(
        all -> {
          if (again) {
            all.addAskedAgain();
          }
          all.addGeneration(
              completion.getUsage().getPromptTokens(),
              completion.getUsage().getCachedTokens(),
              completion.getUsage().getReasoningTokens(),
              completion.getUsage().getCompletionTokens(),
              completion.getTimings().getTotalMs(),
              MadeBy.text(completion.getProvenance()));
        });
  }
}
