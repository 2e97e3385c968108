package ai.falaj.operators.reasoning;

import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request to a model on behalf of a problem. It takes tenant, priority and deadline from the
 * client's request, and its place in Kafka, so that a dead letter leads back to it.
 */
record Call(String id, PromptRequest request) {

  /** Metadata of a call's completion: the problem that it belongs to. */
  static final String PROBLEM_KEY = "falaj.reasoning.problem";

  private static final long SEEDS = ai.falaj.runtime.SamplingParameters.MAX_SEED + 1;

  /** For planner and judge, which get nothing of the client's request but what is given here. */
  static Call ofJob(
      Problem problem, String id, List<ChatMessage> messages, SamplingParameters sampling) {
    PromptRequest asked = problem.request();
    return new Call(
        id,
        PromptRequest.newBuilder()
            .setRequestId(id)
            .setConversationId(asked.getConversationId())
            .setTenant(asked.getTenant())
            .setMessages(messages)
            .setSampling(sampling)
            .setPriority(asked.getPriority())
            .setDeadline(asked.getDeadline())
            .setStream(false)
            .setMetadata(Map.of(PROBLEM_KEY, problem.key()))
            .setCreatedAt(asked.getCreatedAt())
            .build());
  }

  /**
   * For the solver, which gets everything of the client's request but what is given here. The
   * client's metadata goes along, so that the operator measures the completion as it will be.
   */
  static Call ofClient(
      Problem problem,
      String id,
      List<ChatMessage> messages,
      SamplingParameters sampling,
      boolean stream) {
    PromptRequest asked = problem.request();
    Map<String, String> metadata = new HashMap<>(asked.getMetadata());
    metadata.put(PROBLEM_KEY, problem.key());
    return new Call(
        id,
        PromptRequest.newBuilder(asked)
            .setRequestId(id)
            .setMessages(messages)
            .setSampling(sampling)
            .setStream(stream && asked.getStream())
            .setMetadata(metadata)
            .build());
  }

  static ChatMessage message(String role, String content) {
    return ChatMessage.newBuilder().setRole(role).setContent(content).build();
  }

  /** The system message where there is one, and the user's. */
  static List<ChatMessage> messages(String system, String user) {
    ChatMessage question = message("user", user);
    return system.isEmpty() ? List.of(question) : List.of(message("system", system), question);
  }

  /** The seed of a call, as samples of one request number theirs. */
  static long seed(Problem problem, int index) {
    return (problem.baseSeed() + index) % SEEDS;
  }

  /** What an inference operator reads. Its key is the problem's, so that one tombstone ends all. */
  PromptRecord record(Problem problem) {
    PromptRecord prompt = problem.prompt();
    return new PromptRecord(
        prompt.origin(),
        prompt.timestampMs(),
        Optional.of(bytes(problem.key())),
        Optional.empty(),
        prompt.traceparent(),
        prompt.retries(),
        new PromptRecord.Request(request));
  }

  /** Ends the calls of a problem. */
  static PromptRecord tombstone(ProblemCancellation cancellation) {
    PromptRecord client = cancellation.tombstone();
    return new PromptRecord(
        client.origin(),
        client.timestampMs(),
        Optional.of(bytes(cancellation.key())),
        Optional.empty(),
        client.traceparent(),
        0,
        PromptRecord.Cancellation.OF_PARTITION);
  }

  private static ByteBuffer bytes(String key) {
    return ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8));
  }
}
