package ai.falaj.jobs.dashboard.view;

import java.util.Map;

/**
 * What happened in a span of event time. Times to the first and last token within 1%, null without
 * completions.
 *
 * @param start ms since 1970, inclusive; a multiple of the span's length
 * @param requests completions
 */
public record BucketView(
    long start,
    long requests,
    long deadLetters,
    long chunks,
    long promptTokens,
    long cachedTokens,
    long reasoningTokens,
    long completionTokens,
    long streamedTokens,
    Double ttftP50Ms,
    Double ttftP95Ms,
    Double ttftP99Ms,
    Double totalP50Ms,
    Double totalP95Ms,
    Double totalP99Ms,
    Map<String, Long> finishReasons,
    Map<String, Long> errors) {}
