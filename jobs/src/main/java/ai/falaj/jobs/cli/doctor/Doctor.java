package ai.falaj.jobs.cli.doctor;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.cli.doctor.CheckResult.Status;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.memory.MachineMemory;
import ai.falaj.runtime.models.CatalogueModel;
import ai.falaj.runtime.models.ModelCatalogue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The checks of {@code falaj doctor}, in the order in which their subjects are needed. */
public final class Doctor {

  /** As the demo runs it. */
  private static final int SEQUENCES = 16;

  private static final int CONTEXT_TOKENS = 2_048;

  /** Broker, registry and Flink keep their logs and data here too. */
  private static final long STACK_DISK_BYTES = 300_000_000L;

  private final List<Check> checks;

  private Doctor(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  /**
   * All checks of this machine.
   *
   * @param stateDirectory of the local stack, which may be running
   */
  public static Doctor of(FalajDirectories directories, Path stateDirectory) {
    CatalogueModel model = ModelCatalogue.bundled().find(ModelCatalogue.DEMO_MODEL).orElseThrow();
    long modelMemory = model.estimatedMemoryBytes(model.defaultFile(), SEQUENCES, CONTEXT_TOKENS);
    long modelDisk = model.defaultFile().bytes();
    List<Check> checks = new ArrayList<>();
    checks.add(new JavaCheck(Runtime.version().feature()));
    if (directories.isSourceTree()) {
      checks.add(
          new ToolCheck(
              "maven",
              List.of("mvn", "--version"),
              Status.WARN,
              "needed to build again",
              "install Maven 3.8 or newer"));
    }
    checks.add(new NativesCheck());
    checks.add(
        new ToolCheck(
            "npm",
            List.of("npm", "--version"),
            Status.OK,
            "only needed to install llama.cpp's libraries",
            null));
    checks.add(new ModelCheck(ModelCatalogue.DEMO_MODEL));
    checks.add(
        new ToolCheck(
            "python",
            List.of("python3", "-m", "pip", "--version"),
            Status.WARN,
            "the demo's model comes with pip where Hugging Face is out of reach",
            "install Python 3 with pip, unless Hugging Face is within reach"));
    checks.add(CpuCheck.ofThisMachine());
    checks.add(new MemoryCheck(MachineMemory.current(), model.name(), modelMemory));
    checks.add(new DiskCheck(directories.cache(), modelDisk + STACK_DISK_BYTES));
    checks.add(new PortsCheck(StackPorts.DEFAULT, StackDescription.running(stateDirectory)));
    checks.add(
        new ToolCheck(
            "docker",
            List.of("docker", "--version"),
            Status.OK,
            "only needed for the images and the tests that name it",
            null));
    checks.add(new GpuCheck());
    return new Doctor(checks);
  }

  /**
   * Runs the checks one after the other.
   *
   * @param listener told of each result at once: some take seconds
   */
  public List<CheckResult> examine(Consumer<CheckResult> listener) {
    return checks.stream().map(Check::run).peek(listener).toList();
  }
}
