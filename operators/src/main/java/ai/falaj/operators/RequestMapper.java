package ai.falaj.operators;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Turns what a client asked for into what the runtime generates, or says what is wrong with it.
 * Stateless but for the runtime's limits. Any thread.
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

  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  /** Names that clients chose are shown up to this length. */
  private static final int MAX_SHOWN_CHARS = 100;

  /**
   * Of English text in UTF-8, a little pessimistic. Arabic has more bytes per character and about
   * as many per token.
   */
  private static final int BYTES_PER_TOKEN = 3;

  /** What a chat template puts around a message. */
  private static final int TOKENS_PER_MESSAGE = 8;

  private final RuntimeInfo runtime;
  private final OptionalInt defaultMaxTokens;

  RequestMapper(RuntimeInfo runtime, OptionalInt defaultMaxTokens) {
    this.runtime = runtime;
    this.defaultMaxTokens = defaultMaxTokens;
  }

  /**
   * @throws RejectedRequestException with a message that says value, range and remedy, and never
   *     the prompt
   */
  GenerationRequest map(PromptRequest request) throws RejectedRequestException {
    if (request.getRequestId().isBlank()) {
      throw invalid("request_id is empty; give each request a unique one");
    }
    checkModel(request.getModel());
    List<ChatMessage> messages = messages(request);
    GenerationRequest.Builder builder =
        GenerationRequest.builder(request.getRequestId(), new Prompt.Chat(messages))
            .sampling(sampling(request.getSampling()))
            .priority(request.getPriority());
    Optional.ofNullable(request.getModel()).ifPresent(builder::model);
    Optional.ofNullable(request.getTenant()).ifPresent(builder::tenant);
    deadline(request.getDeadline()).ifPresent(builder::deadlineEpochMs);
    return builder.build();
  }

  /**
   * Estimates the tokens that a request will hold at its end, at most a whole context. For bounds,
   * not for billing.
   */
  long estimateTokens(GenerationRequest request) {
    long context = runtime.contextTokensPerSequence();
    long prompt = 0;
    for (ChatMessage message : ((Prompt.Chat) request.prompt()).messages()) {
      prompt += TOKENS_PER_MESSAGE + utf8Bytes(message.content()) / BYTES_PER_TOKEN;
    }
    long answer = request.sampling().maxTokens().orElse(runtime.contextTokensPerSequence());
    return Math.min(context, prompt + answer);
  }

  private void checkModel(String model) throws RejectedRequestException {
    if (model != null && !model.equals(runtime.model())) {
      throw new RejectedRequestException(
          ErrorCode.UNKNOWN_MODEL,
          "model is '%s' and this job serves '%s'; name that one, none, or send the request to a job that serves it"
              .formatted(shown(model), runtime.model()));
    }
  }

  private static List<ChatMessage> messages(PromptRequest request) throws RejectedRequestException {
    for (ai.falaj.schemas.ChatMessage message : request.getMessages()) {
      if (!ROLES.contains(message.getRole())) {
        throw invalid(
            "a message's role is '%s'; it must be system, user, assistant or tool"
                .formatted(shown(message.getRole())));
      }
    }
    if (request.getMessages().stream().allMatch(message -> message.getContent().isBlank())) {
      throw new RejectedRequestException(
          ErrorCode.EMPTY_PROMPT,
          "none of %d messages has content; send at least one that has"
              .formatted(request.getMessages().size()));
    }
    return request.getMessages().stream()
        .map(message -> new ChatMessage(message.getRole(), message.getContent()))
        .toList();
  }

  private SamplingParameters sampling(ai.falaj.schemas.SamplingParameters requested)
      throws RejectedRequestException {
    SamplingParameters.Builder builder = SamplingParameters.builder();
    defaultMaxTokens.ifPresent(builder::maxTokens);
    if (requested == null) {
      return builder.build();
    }
    checkSupported(requested);
    ifSet(requested.getTemperature(), builder::temperature);
    ifSet(requested.getTopP(), builder::topP);
    ifSet(requested.getTopK(), builder::topK);
    ifSet(requested.getMinP(), builder::minP);
    ifSet(requested.getMaxTokens(), builder::maxTokens);
    ifSet(requested.getSeed(), builder::seed);
    ifSet(requested.getPresencePenalty(), builder::presencePenalty);
    ifSet(requested.getFrequencyPenalty(), builder::frequencyPenalty);
    builder.stop(requested.getStop());
    try {
      return builder.build();
    } catch (IllegalArgumentException outOfRange) {
      throw invalid(outOfRange.getMessage());
    }
  }

  private static void checkSupported(ai.falaj.schemas.SamplingParameters requested)
      throws RejectedRequestException {
    Integer samples = requested.getN();
    if (samples != null && samples < 1) {
      throw invalid("n is " + samples + "; it must be 1");
    }
    if (samples != null && samples > 1) {
      throw new RejectedRequestException(
          ErrorCode.UNSUPPORTED_PARAMETER,
          "n is " + samples + " and this job serves 1; send " + samples + " requests");
    }
    if (requested.getResponseFormat() != null) {
      throw new RejectedRequestException(
          ErrorCode.UNSUPPORTED_PARAMETER,
          "response_format is set and this job does not constrain answers; leave it out and describe the format in the prompt");
    }
  }

  private static OptionalLong deadline(Instant deadline) {
    return deadline == null ? OptionalLong.empty() : OptionalLong.of(deadline.toEpochMilli());
  }

  private static <V> void ifSet(V value, Consumer<V> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }

  private static RejectedRequestException invalid(String message) {
    return new RejectedRequestException(ErrorCode.INVALID_PARAMETER, message);
  }

  private static String shown(String name) {
    return name.length() <= MAX_SHOWN_CHARS ? name : name.substring(0, MAX_SHOWN_CHARS) + "...";
  }

  private static long utf8Bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}
