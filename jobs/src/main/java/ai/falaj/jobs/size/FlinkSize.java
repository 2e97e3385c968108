package ai.falaj.jobs.size;

/**
 * TaskManagers for a number of engines, and their memory by Flink's own rules: process = framework
 * and task heap, framework and task off-heap, managed and network memory, metaspace, and a tenth of
 * the whole for the JVM. Network memory is fixed: as a share of all it would grow with the model,
 * and be wasted.
 *
 * @param requestsInFlight of each slot: twice what the engine runs, so that the next ones are there
 *     when some end
 * @param tokensInFlight of each slot
 * @param taskOffHeapBytes for the model where it is in the TaskManager, and for clients' buffers
 * @param checkpointBytes of all requests in flight: their prompts, and four bytes per token
 */
record FlinkSize(
    int taskManagers,
    int slotsPerTaskManager,
    int parallelism,
    int requestsInFlight,
    long tokensInFlight,
    long processBytes,
    long taskHeapBytes,
    long taskOffHeapBytes,
    long managedBytes,
    long networkBytes,
    int partitions,
    long checkpointBytes) {

  static final long MIB = 1L << 20;

  private static final long FRAMEWORK_BYTES = 2 * 128 * MIB;
  private static final long METASPACE_BYTES = 256 * MIB;
  private static final long MANAGED_BYTES = 64 * MIB;
  private static final long NETWORK_BYTES = 128 * MIB;
  private static final long CLIENT_OFF_HEAP_BYTES = 128 * MIB;
  private static final long BASE_TASK_HEAP_BYTES = 512 * MIB;
  private static final double OVERHEAD_SHARE = 0.1;
  private static final long MIN_OVERHEAD_BYTES = 192 * MIB;
  private static final long MAX_OVERHEAD_BYTES = 1024 * MIB;
  private static final long ROUNDING_BYTES = 64 * MIB;

  /** Beside its text: objects of the operator, of clients and of the mailbox, a little high. */
  private static final long HEAP_BYTES_PER_REQUEST = 16 * 1024;

  private static final int HEAP_BYTES_PER_TOKEN = 64;

  /** English text in UTF-8, and the token's number. */
  private static final int STATE_BYTES_PER_TOKEN = 4;

  /** Requests of remote servers that one TaskManager holds without effort. */
  private static final int REMOTE_REQUESTS_PER_TASK_MANAGER = 512;

  private static final int PARTITIONS_PER_SUBTASK = 2;

  /** A model in each TaskManager. */
  static FlinkSize withModelInside(int engines, int sequences, long modelBytes, Workload load) {
    return of(engines, 2 * sequences, modelBytes, load);
  }

  /** Servers beside Flink; two TaskManagers at least, as one may be lost. */
  static FlinkSize withServers(int engines, int sequences, Workload load) {
    int requests = 2 * engines * sequences;
    int taskManagers = Math.max(2, ceil(requests, REMOTE_REQUESTS_PER_TASK_MANAGER));
    return of(taskManagers, ceil(requests, taskManagers), 0, load);
  }

  private static FlinkSize of(int taskManagers, int requests, long modelBytes, Workload load) {
    long offHeap = roundUp(modelBytes + CLIENT_OFF_HEAP_BYTES);
    long heap = taskHeapBytes(requests, load);
    long tokens = (long) Math.ceil(requests * load.tokens());
    return new FlinkSize(
        taskManagers,
        1,
        taskManagers,
        requests,
        Math.max(tokens, load.contextTokens()),
        processBytes(heap, offHeap),
        heap,
        offHeap,
        MANAGED_BYTES,
        NETWORK_BYTES,
        PARTITIONS_PER_SUBTASK * taskManagers,
        taskManagers * tokens * STATE_BYTES_PER_TOKEN);
  }

  private static long taskHeapBytes(int requests, Workload load) {
    double perRequest = HEAP_BYTES_PER_REQUEST + HEAP_BYTES_PER_TOKEN * load.tokens();
    return roundUp(BASE_TASK_HEAP_BYTES + (long) (requests * perRequest));
  }

  private static long processBytes(long taskHeap, long offHeap) {
    long withoutOverhead =
        FRAMEWORK_BYTES + METASPACE_BYTES + MANAGED_BYTES + NETWORK_BYTES + taskHeap + offHeap;
    double overhead = withoutOverhead * OVERHEAD_SHARE / (1 - OVERHEAD_SHARE);
    return roundUp(
        withoutOverhead
            + Math.max(MIN_OVERHEAD_BYTES, Math.min(MAX_OVERHEAD_BYTES, (long) overhead)));
  }

  private static long roundUp(long bytes) {
    return (bytes + ROUNDING_BYTES - 1) / ROUNDING_BYTES * ROUNDING_BYTES;
  }

  private static int ceil(int a, int b) {
    return (a + b - 1) / b;
  }
}
