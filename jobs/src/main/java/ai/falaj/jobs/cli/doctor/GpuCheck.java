package ai.falaj.jobs.cli.doctor;

import java.util.List;

/** Whether there is a GPU; its absence is no fault. */
final class GpuCheck implements Check {

  private static final String NAME = "gpu";

  @Override
  public CheckResult run() {
    List<String> gpus =
        Tool.lines("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader");
    return CheckResult.ok(
        NAME, gpus.isEmpty() ? "none seen; models run on the CPU" : String.join("; ", gpus));
  }
}
