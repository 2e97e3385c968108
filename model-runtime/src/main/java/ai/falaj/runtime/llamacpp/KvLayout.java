package ai.falaj.runtime.llamacpp;

/** How sequences hold their KV entries. */
public enum KvLayout {
  /**
   * Each sequence has a buffer of a whole context. Decodes fastest on processors, never preempts; a
   * shared prefix is copied into each buffer.
   */
  PER_SEQUENCE,
  /**
   * All sequences take entries from one pool and share those of a common prefix. Holds more and
   * longer sequences in the same memory; attention reads the whole pool, and when it is full the
   * newest sequence makes room and is computed again later.
   */
  SHARED
}
