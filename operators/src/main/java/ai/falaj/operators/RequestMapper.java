package ai.falaj.operators;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolDefinition;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Turns what a client asked for into what the runtime generates, or says what is wrong with it.
 * Stateless but for the models and their limits. Any thread.
 */
final class RequestMapper {

  /** Why a request cannot be served, and what helps. */
  static final class RejectedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    RejectedRequestException(ErrorCode code, String message) {
      super(message);
      this.code = code;
    }

    ErrorCode code() {
      return code;
    }
  }

  private static final SamplingParameters NO_SAMPLING = SamplingParameters.newBuilder().build();

  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  private final ServedModels models;
  private final OptionalInt defaultMaxTokens;
  private final boolean toolsAreCalled;

  RequestMapper(ServedModels models, InferenceOptions options) {
    this.models = models;
    this.defaultMaxTokens = options.maxTokensDefault();
    this.toolsAreCalled = options.tools().enabled();
  }

  /**
   * @param origin where the request was read; decides the seed of one that names none
   * @throws RejectedRequestException with a message that says value, range and remedy, and never
   *     the prompt
   */
  GenerationRequest map(PromptRequest request, RecordOrigin origin)
      throws RejectedRequestException {
    if (request.getRequestId().isBlank()) {
      throw invalid("request_id is empty; give each request a unique one");
    }
    checkModel(request.getModel());
    checkTools(request);
    GenerationRequest.Builder builder =
        GenerationRequest.builder(request.getRequestId(), new Prompt.Chat(checkedMessages(request)))
            .priority(request.getPriority());
    Optional.ofNullable(request.getModel()).ifPresent(builder::model);
    Optional.ofNullable(request.getAdapter()).ifPresent(builder::adapter);
    Optional.ofNullable(request.getTenant()).ifPresent(builder::tenant);
    deadline(request.getDeadline()).ifPresent(builder::deadlineEpochMs);
    try {
      addSampling(
          request.getSampling() == null ? NO_SAMPLING : request.getSampling(), origin, builder);
      RequestedTools.addTo(builder, request, builder.build().samples());
      return builder.build();
    } catch (IllegalArgumentException outOfRange) {
      throw invalid(outOfRange.getMessage());
    }
  }

  private void addSampling(
      SamplingParameters requested, RecordOrigin origin, GenerationRequest.Builder builder) {
    builder
        .sampling(
            RequestedSampling.sampling(requested, defaultMaxTokens, RequestedSampling.seed(origin)))
        .samples(RequestedSampling.samples(requested))
        .output(RequestedSampling.output(requested));
    RequestedSampling.reasoningBudget(requested).ifPresent(builder::reasoningBudgetTokens);
  }

  /**
   * Estimates the tokens that a request will hold at its end: its prompt once and an answer for
   * each sample, each sample with the prompt at most a whole context. For bounds, not for billing.
   */
  long estimateTokens(GenerationRequest request) {
    long context = models.of(request.model()).contextTokensPerSequence();
    long prompt = 0;
    for (ChatMessage message : ((Prompt.Chat) request.prompt()).messages()) {
      prompt += TokenEstimate.ofMessage(message.content());
      for (ToolCall call : message.toolCalls()) {
        prompt += TokenEstimate.ofMessage(call.name() + call.arguments());
      }
    }
    for (ToolDefinition tool : request.tools()) {
      prompt += TokenEstimate.ofMessage(tool.description() + tool.parametersSchema());
    }
    OptionalInt maxTokens = request.sampling().maxTokens();
    long answer = maxTokens.isPresent() ? maxTokens.getAsInt() : context;
    prompt = Math.min(context, prompt);
    return prompt + request.samples() * Math.min(context - prompt, answer);
  }

  private void checkModel(String model) throws RejectedRequestException {
    if (model == null || models.has(model)) {
      return;
    }
    String remedy =
        models.names().size() == 1
            ? "name that one, none, or send the request to a job that serves it"
            : "name one of them, none, or send the request to a job that serves it";
    throw new RejectedRequestException(
        ErrorCode.UNKNOWN_MODEL,
        "model is '%s' and this job serves '%s'; %s"
            .formatted(Texts.shown(model), String.join("', '", models.names()), remedy));
  }

  private void checkTools(PromptRequest request) throws RejectedRequestException {
    if (!request.getTools().isEmpty() && !toolsAreCalled) {
      throw new RejectedRequestException(
          ErrorCode.UNSUPPORTED_PARAMETER,
          "the request has %d tools and this job calls none; send it without, or to a job with falaj.tools.enabled"
              .formatted(request.getTools().size()));
    }
  }

  private static List<ChatMessage> checkedMessages(PromptRequest request)
      throws RejectedRequestException {
    List<ChatMessage> messages = new ArrayList<>(request.getMessages().size());
    boolean hasContent = false;
    for (ai.falaj.schemas.ChatMessage message : request.getMessages()) {
      if (!ROLES.contains(message.getRole())) {
        throw invalid(
            "a message's role is '%s'; it must be system, user, assistant or tool"
                .formatted(Texts.shown(message.getRole())));
      }
      hasContent |= !message.getContent().isBlank();
      try {
        messages.add(chat(message));
      } catch (IllegalArgumentException outOfPlace) {
        throw invalid(outOfPlace.getMessage());
      }
    }
    if (!hasContent) {
      throw new RejectedRequestException(
          ErrorCode.EMPTY_PROMPT,
          "none of %d messages has content; send at least one that has"
              .formatted(request.getMessages().size()));
    }
    return messages;
  }

  /** Messages of records as the runtime knows them. */
  static List<ChatMessage> chat(List<ai.falaj.schemas.ChatMessage> messages) {
    return messages.stream().map(RequestMapper::chat).toList();
  }

  private static ChatMessage chat(ai.falaj.schemas.ChatMessage message) {
    return new ChatMessage(
        message.getRole(),
        message.getContent(),
        message.getToolCalls().stream()
            .map(call -> new ToolCall(call.getCallId(), call.getName(), call.getArguments()))
            .toList(),
        Optional.ofNullable(message.getToolCallId()));
  }

  private static OptionalLong deadline(Instant deadline) {
    return deadline == null ? OptionalLong.empty() : OptionalLong.of(deadline.toEpochMilli());
  }

  private static RejectedRequestException invalid(String message) {
    return new RejectedRequestException(ErrorCode.INVALID_PARAMETER, message);
  }
}
