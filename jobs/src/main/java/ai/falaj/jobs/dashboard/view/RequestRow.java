package ai.falaj.jobs.dashboard.view;

/** A request in a list, without any of its text; null is not known. */
public record RequestRow(
    String requestId,
    RequestState state,
    String tenant,
    String conversationId,
    String model,
    Long createdAt,
    Long endedAt,
    Integer promptTokens,
    Integer cachedTokens,
    Integer reasoningTokens,
    Integer completionTokens,
    Long queueMs,
    Long timeToFirstTokenMs,
    Long totalMs,
    String finishReason,
    String errorCode,
    Integer attempts,
    Integer samples) {}
