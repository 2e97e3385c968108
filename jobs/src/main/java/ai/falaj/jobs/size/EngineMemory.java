package ai.falaj.jobs.size;

/** What one engine holds in its memory, and how much of a load fits. */
interface EngineMemory {

  /** Of one token, in all layers. */
  long kvBytesPerToken();

  /** That fit at once; 0 where not even one does. */
  int sequencesThatFit();

  /** KV entries that this many sequences take, as the engine allocates them. */
  long kvTokens(int sequences);

  /** In the memory of the GPUs of one engine; 0 without one. */
  long gpuBytes(int sequences);

  /** In the memory of the process that holds the model; 0 where that is another server's. */
  long hostBytes(int sequences);

  /** What there is of the GPUs' memory, or without a GPU of the machine's. */
  long availableBytes();
}
