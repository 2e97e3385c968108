package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.grammar.Grammar;
import ai.falaj.runtime.grammar.OutputGrammar;
import ai.falaj.runtime.grammar.ToolCallGrammar;
import ai.falaj.runtime.grammar.UnsupportedFormatException;
import ai.falaj.runtime.llamacpp.PromptEncoder.Encoded;
import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import ai.falaj.runtime.llamacpp.sampling.ReasoningMode;
import ai.falaj.runtime.llamacpp.sampling.ReasoningPolicy;
import ai.falaj.runtime.llamacpp.sampling.ReasoningTags;
import ai.falaj.runtime.llamacpp.sampling.SamplingScratch;
import ai.falaj.runtime.llamacpp.sampling.SequenceSampler;
import ai.falaj.runtime.llamacpp.sampling.TokenConstraint;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes the samplers of a model's sequences. Confined to the decode thread. */
final class Samplers {

  private final Function<Grammar, TokenConstraint> startConstraint;
  private final SamplingScratch scratch;
  private final ReasoningTags tags;
  private final boolean templateReasons;

  /**
   * @param templateReasons whether the model's chat template speaks of {@code <think>}
   * @param startConstraint starts an answer of that grammar, or throws {@link
   *     IllegalArgumentException} if the grammar cannot be read
   */
  Samplers(
      TokenTable vocabulary,
      boolean templateReasons,
      Function<Grammar, TokenConstraint> startConstraint) {
    this.startConstraint = startConstraint;
    this.scratch = new SamplingScratch(vocabulary.size());
    this.tags = new ReasoningTags(vocabulary);
    this.templateReasons = templateReasons;
  }

  /** Makes the samplers of one request, which differ in their seeds. */
  interface Factory {
    SequenceSampler create(long seed) throws GenerationException;
  }

  /**
   * @throws GenerationException if the request's format or parameters do not fit this model
   */
  Factory forRequest(GenerationRequest request, Encoded prompt) throws GenerationException {
    ReasoningMode mode =
        ReasoningMode.of(prompt.insideReasoning(), templateReasons || tags.inVocabulary());
    ReasoningPolicy policy = new ReasoningPolicy(tags, mode, request.reasoningBudgetTokens());
    Optional<Supplier<TokenConstraint>> constraints = constraints(request);
    return seed -> {
      try {
        return new SequenceSampler(
            request.sampling(), seed, prompt.tokens(), policy, constraints, scratch);
      } catch (IllegalArgumentException e) {
        throw new GenerationException(
            request.requestId(), RuntimeErrorCode.INVALID_PARAMETER, e.getMessage(), e);
      }
    };
  }

  private Optional<Supplier<TokenConstraint>> constraints(GenerationRequest request)
      throws GenerationException {
    try {
      Optional<Grammar> call = ToolCallGrammar.compile(request.tools(), request.toolChoice());
      Optional<Grammar> grammar = call.isPresent() ? call : OutputGrammar.compile(request.output());
      // What llama.cpp cannot read is refused now, not when the answer begins.
      grammar.ifPresent(text -> startConstraint.apply(text).close());
      return grammar.map(text -> () -> startConstraint.apply(text));
    } catch (UnsupportedFormatException e) {
      throw new GenerationException(request.requestId(), e.code(), e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new GenerationException(
          request.requestId(), RuntimeErrorCode.UNSUPPORTED_PARAMETER, e.getMessage(), e);
    }
  }
}
