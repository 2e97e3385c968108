package ai.falaj.operators;

import ai.falaj.operators.serialization.AvroBodySize;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import java.util.List;
import java.util.Map;

/**
 * Measures completions before they go to Kafka, which refuses records over a limit: a refused
 * completion would fail the job, and again after each restart. Many samples, or their logprobs,
 * reach that limit. Confined to the task mailbox thread.
 */
final class CompletionSize {

  /** Of UTF-8, for each char of UTF-16. */
  private static final long MAX_BYTES_PER_CHAR = 3;

  /** Lengths of a key and a value, or a length and a number. */
  private static final long BYTES_PER_ENTRY = 20;

  /** Numbers, lengths, tags of unions and a checksum: some fifty fields of at most ten bytes. */
  private static final long FIXED_BYTES = 1_024;

  private final AvroBodySize<Completion> size = new AvroBodySize<>(Completion.class);

  /**
   * Whether its Avro body is larger than so many bytes. Serializes it only where that is in doubt:
   * most completions are far from any limit.
   */
  boolean exceeds(Completion completion, long limit) {
    return atMost(completion) > limit && bytes(completion) > limit;
  }

  /** A bound of the bytes of its Avro body that costs nothing. */
  private static long atMost(Completion completion) {
    if (!completion.getSamples().isEmpty() || !completion.getLogprobs().isEmpty()) {
      return Long.MAX_VALUE;
    }
    Provenance provenance = completion.getProvenance();
    SamplingParameters sampling = provenance.getSampling();
    long chars =
        chars(completion.getAnswer())
            + chars(completion.getReasoning())
            + chars(completion.getRequestId())
            + chars(completion.getConversationId())
            + chars(completion.getTenant())
            + chars(provenance.getModel())
            + chars(provenance.getEngine())
            + chars(provenance.getEngineVersion())
            + chars(provenance.getQuantization())
            + chars(provenance.getAdapter())
            + chars(sampling.getRegex())
            + chars(sampling.getResponseFormat());
    long entries = 0;
    for (Map.Entry<String, String> metadata : completion.getMetadata().entrySet()) {
      chars += chars(metadata.getKey()) + chars(metadata.getValue());
      entries++;
    }
    for (List<String> texts : List.of(sampling.getStop(), sampling.getChoice())) {
      for (String text : texts) {
        chars += chars(text);
        entries++;
      }
    }
    for (String token : sampling.getLogitBias().keySet()) {
      chars += chars(token);
      entries++;
    }
    return FIXED_BYTES + BYTES_PER_ENTRY * entries + MAX_BYTES_PER_CHAR * chars;
  }

  private static long chars(String text) {
    return text == null ? 0 : text.length();
  }

  /** Bytes of its Avro body. */
  long bytes(Completion completion) {
    return size.bytes(completion);
  }
}
