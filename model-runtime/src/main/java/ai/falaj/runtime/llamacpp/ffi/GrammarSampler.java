package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Pointer;

/**
 * llama.cpp's grammar sampler: where one text stands in a grammar. Confined to the thread that
 * decodes.
 *
 * <p>llama.cpp ends the process when it is told of a token that the grammar does not allow. So
 * {@link #accept} asks first.
 */
public final class GrammarSampler implements AutoCloseable {

  private final Vocabulary vocabulary;
  private final Pointer pointer;
  private final TokenCandidates one = new TokenCandidates(1);
  private boolean closed;

  private GrammarSampler(Vocabulary vocabulary, Pointer pointer) {
    this.vocabulary = vocabulary;
    this.pointer = pointer;
  }

  /**
   * Starts a text.
   *
   * @param gbnf rules; llama.cpp knows no left recursion
   * @param root the rule that matches the whole text
   * @throws IllegalArgumentException if llama.cpp cannot read the grammar
   */
  public static GrammarSampler start(Vocabulary vocabulary, String gbnf, String root) {
    boolean text = !gbnf.isEmpty() && gbnf.indexOf('\0') < 0;
    Pointer pointer =
        text
            ? LlamaLibrary.llama_sampler_init_grammar(
                vocabulary.pointer(),
                LlamaBackend.CStrings.of(gbnf),
                LlamaBackend.CStrings.of(root))
            : null;
    if (pointer == null) {
      throw new IllegalArgumentException(
          "llama.cpp cannot read the grammar of %d characters; it may be left-recursive or lack the rule %s"
              .formatted(gbnf.length(), root));
    }
    return new GrammarSampler(vocabulary, pointer);
  }

  /**
   * Asks which tokens may come next. Tokens that end a generation may where the text may end.
   * llama.cpp does not look at tokens that begin with NUL, and looks at others up to their first
   * NUL.
   */
  public void apply(TokenCandidates candidates) {
    requireOpen();
    candidates.requireIn(vocabulary);
    LlamaLibrary.llama_sampler_apply(pointer, candidates.pointer());
  }

  /** Whether a token may come next. */
  public boolean allows(int token) {
    one.clear();
    one.add(token);
    apply(one);
    one.read();
    return one.isAllowed(0);
  }

  /**
   * The token came next.
   *
   * @throws IllegalStateException if it may not
   */
  public void accept(int token) {
    if (!allows(token)) {
      throw new IllegalStateException("the grammar does not allow token " + token + " here");
    }
    LlamaLibrary.llama_sampler_accept(pointer, token);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LlamaLibrary.llama_sampler_free(pointer);
      one.close();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the grammar sampler is closed");
    }
  }
}
