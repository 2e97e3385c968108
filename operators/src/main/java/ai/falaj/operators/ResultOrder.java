package ai.falaj.operators;

/** In which order results leave. In all of them a watermark waits for the records before it. */
public enum ResultOrder {
  /** As they come: no result waits for another. */
  UNORDERED,
  /** In the order of the prompts: a long answer holds back all that came after it. */
  ORDERED,
  /** In the order of the prompts of one key: a long answer holds back those of its key. */
  KEY_ORDERED
}
