package ai.falaj.operators;

import ai.falaj.operators.RequestMapper.RejectedRequestException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the request in which a model summarises the oldest turns of a conversation, and reads its
 * answer. Stateless but for its options. Confined to the task mailbox thread.
 *
 * <p>The request has the tenant and the priority of the turn that made it due, and goes the way of
 * all requests: it takes room in the runtime, is tried again and times out like them. It is no
 * record of a topic: nothing of it is emitted, no cancellation reaches it, and no checkpoint holds
 * it.
 */
final class Summarizer {

  private static final Logger LOG = LoggerFactory.getLogger(Summarizer.class);

  /** A summary that ran out of tokens still says more than none. */
  private static final Set<FinishReason> USEFUL = Set.of(FinishReason.STOP, FinishReason.LENGTH);

  private final SummaryOptions options;
  private final RequestMapper mapper;
  private final LongSupplier clockMs;

  Summarizer(SummaryOptions options, RequestMapper mapper, LongSupplier clockMs) {
    this.options = options;
    this.mapper = mapper;
    this.clockMs = clockMs;
  }

  /**
   * @param conversation that waits for a summary
   * @param turn that made it due or waits for it
   * @return empty where the job's models cannot be asked that
   */
  Optional<ActiveRequest> request(
      ConversationName name, Conversation conversation, ActiveRequest turn) {
    long nowMs = clockMs.getAsLong();
    PromptRequest request = prompt(conversation, turn.request(), nowMs);
    PromptRecord record =
        new PromptRecord(
            turn.prompt.origin(),
            nowMs,
            Optional.empty(),
            Optional.empty(),
            turn.prompt.traceparent(),
            0,
            new PromptRecord.Request(request));
    try {
      GenerationRequest generation = mapper.map(request, record.origin());
      ActiveRequest summary =
          new ActiveRequest(
              record,
              generation,
              OptionalLong.empty(),
              nowMs,
              mapper.estimateTokens(generation),
              turn.attempt);
      summary.summaryOf = Optional.of(name);
      return Optional.of(summary);
    } catch (RejectedRequestException rejected) {
      LOG.warn("No summary: {}: {}", turn, rejected.getMessage());
      return Optional.empty();
    }
  }

  private PromptRequest prompt(Conversation conversation, PromptRequest turn, long nowMs) {
    boolean ofTheTurn = options.model().isEmpty();
    return PromptRequest.newBuilder()
        .setRequestId(turn.getRequestId() + "/summary")
        .setTenant(turn.getTenant())
        .setMessages(conversation.toSummarize(options.instruction()))
        .setSampling(SamplingParameters.newBuilder().setMaxTokens(options.maxTokens()).build())
        .setPriority(turn.getPriority())
        .setModel(ofTheTurn ? turn.getModel() : options.model())
        .setAdapter(ofTheTurn ? turn.getAdapter() : null)
        .setStream(false)
        .setCreatedAt(Instant.ofEpochMilli(nowMs))
        .build();
  }

  /** What the model wrote; empty where it wrote nothing of use. */
  static Optional<String> summary(ActiveRequest ended) {
    return ended
        .completion
        .filter(completion -> USEFUL.contains(completion.getFinishReason()))
        .map(Completion::getAnswer)
        .filter(answer -> !answer.isBlank());
  }
}
