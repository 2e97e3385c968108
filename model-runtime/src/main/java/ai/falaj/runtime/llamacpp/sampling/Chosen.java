package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.TokenLogprob;
import java.util.Optional;

/**
 * The next token of a sequence.
 *
 * @param logprob present where the request asked for logprobs
 */
public record Chosen(int token, Optional<TokenLogprob> logprob) {}
