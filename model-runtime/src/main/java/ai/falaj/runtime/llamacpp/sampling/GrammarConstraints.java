package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.grammar.Grammar;
import ai.falaj.runtime.llamacpp.ffi.GrammarSampler;
import ai.falaj.runtime.llamacpp.ffi.TokenCandidates;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;

/**
 * Makes the {@link GrammarConstraint}s of one model, which share what depends on its vocabulary
 * only: tokens by their first byte, and native memory for one candidate per token. Both are made
 * when the first constraint is. Confined to the thread that decodes.
 */
public final class GrammarConstraints implements AutoCloseable {

  private final Vocabulary vocabulary;
  private TokenPieces pieces;
  private TokenCandidates candidates;

  public GrammarConstraints(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /**
   * Starts an answer.
   *
   * @return to be closed before this is
   * @throws IllegalArgumentException if llama.cpp cannot read the grammar
   */
  public GrammarConstraint start(Grammar grammar) {
    if (pieces == null) {
      pieces = new TokenPieces(vocabulary);
      candidates = new TokenCandidates(vocabulary.size());
    }
    GrammarSampler sampler = GrammarSampler.start(vocabulary, grammar.gbnf(), Grammar.ROOT);
    return new GrammarConstraint(grammar, pieces, candidates, sampler);
  }

  /** Frees native memory. Calling it again does nothing. */
  @Override
  public void close() {
    if (candidates != null) {
      candidates.close();
      candidates = null;
      pieces = null;
    }
  }
}
