package ai.falaj.jobs.cli.doctor;

import ai.falaj.runtime.memory.MachineMemory;
import java.util.Locale;

/** Whether the default model fits beside broker, registry and Flink. */
final class MemoryCheck implements Check {

  private static final String NAME = "memory";

  /** Seen with an idle stack: broker 380 MB, registry 250 MB, this process's heap and classes. */
  private static final long STACK_BYTES = 1_500_000_000L;

  private final MachineMemory memory;
  private final String model;
  private final long modelBytes;

  /**
   * @param model the default model's name
   * @param modelBytes what it needs when loaded
   */
  MemoryCheck(MachineMemory memory, String model, long modelBytes) {
    this.memory = memory;
    this.model = model;
    this.modelBytes = modelBytes;
  }

  @Override
  public CheckResult run() {
    long needed = STACK_BYTES + modelBytes;
    String detail =
        String.format(
            Locale.ROOT,
            "%.1f GB available of %.1f GB; local stack with %s needs about %.1f GB",
            memory.availableBytes() / 1e9,
            memory.totalBytes() / 1e9,
            model,
            needed / 1e9);
    if (memory.totalBytes() < needed) {
      return CheckResult.fail(NAME, detail, "use a machine or a container limit with more memory");
    }
    if (memory.availableBytes() < needed) {
      return CheckResult.warn(NAME, detail, "end other programs before you start the stack");
    }
    return CheckResult.ok(NAME, detail);
  }
}
