package ai.falaj.jobs.completion;

/** Which subtask answers a prompt. */
public enum PromptDistribution {
  /**
   * The one that reads its partition, without an exchange between source and inference; or, where
   * order or memory of a key is asked for, the one that owns its key.
   */
  BY_PARTITION,

  /** The one with the least waiting for it. */
  BALANCED
}
