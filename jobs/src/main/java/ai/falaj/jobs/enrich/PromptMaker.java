package ai.falaj.jobs.enrich;

import ai.falaj.jobs.enrich.PromptTexts.MissingValueException;
import ai.falaj.jobs.enrich.rows.Row;
import ai.falaj.jobs.enrich.rows.RowReader;
import ai.falaj.jobs.enrich.rows.UnreadableRowException;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.enrichment.QuestionId;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes prompts of records: reads the record, fills the templates, gives equal questions equal ids.
 * What cannot be asked goes on as an undecodable record, and leaves with its reason.
 *
 * <p>The record's own bytes stay in the prompt's {@link PromptRecord#value}, where dead letters
 * find them anyway. That is how a record survives failures: it lies in the state of the inference
 * operator, once, for as long as its prompt is in flight, and comes back with the answer. A join
 * would keep every record from its reading to its answer in a state of its own, wait for the later
 * of two streams, and need a second way for records without an answer. Reading the bytes a second
 * time costs a microsecond; no answer comes that fast.
 *
 * <p>Confined to one thread.
 */
final class PromptMaker {

  /**
   * Of a record that has no value for a field of the prompt. No other undecodable record has it.
   */
  static final ErrorCode MISSING_INPUT = ErrorCode.INVALID_PARAMETER;

  private static final long MAX_SEED = ai.falaj.runtime.SamplingParameters.MAX_SEED;

  private final RowReader reader;
  private final PromptTexts texts;
  private final SamplingParameters sampling;
  private final QuestionId ids;

  PromptMaker(Prompting prompting) {
    this.reader = prompting.format().open();
    this.texts = prompting.texts();
    this.sampling = prompting.sampling();
    this.ids = new QuestionId(prompting.model() + "\n" + prompting.sampling());
  }

  /**
   * @param value of the record; null where it has none
   */
  PromptRecord prompt(
      RecordOrigin origin,
      long timestampMs,
      byte[] key,
      byte[] value,
      Optional<String> traceparent) {
    return new PromptRecord(
        origin,
        timestampMs,
        Optional.ofNullable(key).map(ByteBuffer::wrap),
        Optional.ofNullable(value).map(ByteBuffer::wrap),
        traceparent,
        0,
        content(origin, timestampMs, value));
  }

  private PromptRecord.Content content(RecordOrigin origin, long timestampMs, byte[] value) {
    if (value == null) {
      return new PromptRecord.Undecodable(
          ErrorCode.UNDECODABLE_RECORD, "the record has no value; there is nothing to enrich");
    }
    try {
      return new PromptRecord.Request(request(reader.read(origin.topic(), value), timestampMs));
    } catch (UnreadableRowException e) {
      return new PromptRecord.Undecodable(e.code(), e.getMessage());
    } catch (MissingValueException e) {
      return new PromptRecord.Undecodable(MISSING_INPUT, e.getMessage());
    }
  }

  private PromptRequest request(Row row, long timestampMs) throws MissingValueException {
    Optional<String> system = texts.system(row);
    String user = texts.user(row);
    String id = system.isPresent() ? ids.of(system.get(), user) : ids.of(user);
    return new PromptRequest(
        id,
        null,
        null,
        system.isPresent()
            ? List.of(new ChatMessage("system", system.get()), new ChatMessage("user", user))
            : List.of(new ChatMessage("user", user)),
        withSeed(id),
        0,
        null,
        null,
        false,
        Map.of(),
        Instant.ofEpochMilli(Math.max(0, timestampMs)),
        null,
        List.of(),
        null);
  }

  /** Equal questions draw equal answers, whichever of them is asked. */
  private SamplingParameters withSeed(String id) {
    if (sampling.getSeed() != null || isGreedy()) {
      return sampling;
    }
    long seed = Long.parseUnsignedLong(id.substring(0, 8), 16) % MAX_SEED;
    return SamplingParameters.newBuilder(sampling).setSeed(seed).build();
  }

  private boolean isGreedy() {
    return sampling.getTemperature() != null && sampling.getTemperature() == 0;
  }
}
