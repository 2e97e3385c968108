package ai.falaj.operators;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the operator makes to its outputs, with the event time and the trace of the prompt
 * that it answers. Confined to the task mailbox thread.
 */
final class OutputEmitter {

  private static final Logger LOG = LoggerFactory.getLogger(OutputEmitter.class);

  private final Output<StreamRecord<OutputRecord<Completion>>> output;
  private final InferenceMetrics metrics;
  private final LongSupplier clockMs;

  OutputEmitter(
      Output<StreamRecord<OutputRecord<Completion>>> output,
      InferenceMetrics metrics,
      LongSupplier clockMs) {
    this.output = output;
    this.metrics = metrics;
    this.clockMs = clockMs;
  }

  /** The completion of a request that has one. */
  void completion(ActiveRequest request) {
    output.collect(element(record(request, request.completion.orElseThrow()), request));
  }

  void chunk(ActiveRequest request, CompletionChunk chunk) {
    output.collect(InferenceOutputs.CHUNKS, element(record(request, chunk), request));
  }

  void toolRequest(ActiveRequest request, ToolRequest toolRequest) {
    output.collect(InferenceOutputs.TOOL_REQUESTS, element(record(request, toolRequest), request));
  }

  /**
   * Copies of a request for the models of its shadows.
   *
   * @param asked all that its own model is asked
   */
  void shadows(ActiveRequest request, List<ChatMessage> asked) {
    for (String model : ((PromptRecord.Request) request.prompt.content()).shadows()) {
      PromptRequest copy =
          PromptRequest.newBuilder(request.request()).setModel(model).setMessages(asked).build();
      output.collect(
          InferenceOutputs.SHADOWS,
          element(request.prompt.withContent(new PromptRecord.Request(copy)), request));
    }
  }

  /**
   * @param message what was wrong and the remedy; never the prompt
   * @param attempts generations that were tried
   */
  void deadLetter(
      PromptRecord prompt, OptionalLong timestampMs, ErrorCode code, String message, int attempts) {
    OutputRecord<DeadLetter> letter =
        DeadLetters.of(prompt, code, message, attempts, clockMs.getAsLong());
    LOG.info("Dead letter {} for {}: {}", code, prompt.origin(), message);
    metrics.deadLetter(code);
    output.collect(InferenceOutputs.DEAD_LETTERS, element(letter, timestampMs));
  }

  private static <T extends SpecificRecord> OutputRecord<T> record(ActiveRequest request, T value) {
    return new OutputRecord<>(
        Optional.of(request.requestId()), value, request.prompt.traceparent());
  }

  private static <T> StreamRecord<T> element(T value, ActiveRequest request) {
    return element(value, request.elementTimestampMs);
  }

  private static <T> StreamRecord<T> element(T value, OptionalLong timestampMs) {
    return timestampMs.isPresent()
        ? new StreamRecord<>(value, timestampMs.getAsLong())
        : new StreamRecord<>(value);
  }
}
