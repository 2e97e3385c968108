package ai.falaj.runtime.llamacpp.sampling;

/**
 * Working memory of the size of a vocabulary, shared by all samplers of one decode thread, so that
 * no token allocates any: 12 bytes per token of the vocabulary. Confined to that thread.
 */
public final class SamplingScratch {

  private final Candidates candidates;
  private final RowSums rowSums;

  public SamplingScratch(int vocabularySize) {
    this.candidates = new Candidates(vocabularySize);
    this.rowSums = new RowSums(vocabularySize);
  }

  Candidates candidates() {
    return candidates;
  }

  RowSums rowSums() {
    return rowSums;
  }
}
