package ai.falaj.runtime;

/** What a piece of generated text is. */
public enum Channel {
  /** Meant for the reader. */
  ANSWER,
  /** What a reasoning model thinks before it answers. */
  REASONING
}
