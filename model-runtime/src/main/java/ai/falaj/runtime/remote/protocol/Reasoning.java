package ai.falaj.runtime.remote.protocol;

/** Where a server's answers carry what the model thought. */
public enum Reasoning {
  /** In a field beside the text: {@code reasoning_content}, or {@code reasoning} as others say. */
  FIELD,
  /**
   * In the text, as K2 Think writes it: {@code <think>..</think><answer>..</answer>}. A field is
   * read as well where there is one.
   */
  TAGS,
  /** Nowhere, or in blocks of its own protocol; tags in the text are text. */
  BLOCKS
}
