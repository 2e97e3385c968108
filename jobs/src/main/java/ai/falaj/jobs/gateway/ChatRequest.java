package ai.falaj.jobs.gateway;

import ai.falaj.schemas.PromptRequest;

/**
 * A request as a client made it.
 *
 * @param prompt its record, not written yet
 * @param model as the client named it, which is how the answer names it too
 * @param stream whether the answer is wanted piece by piece
 * @param includeUsage whether a stream is to end with the tokens it took
 */
record ChatRequest(PromptRequest prompt, String model, boolean stream, boolean includeUsage) {}
