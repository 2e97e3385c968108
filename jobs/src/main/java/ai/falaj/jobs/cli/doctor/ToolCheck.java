package ai.falaj.jobs.cli.doctor;

import ai.falaj.jobs.cli.doctor.CheckResult.Status;
import java.util.List;
import java.util.Optional;

/**
 * Whether a program is there.
 *
 * @param name as the user calls it
 * @param command asks it for its version
 * @param whenMissing what its absence means
 * @param purpose what needs it
 * @param remedy how to get it
 */
record ToolCheck(
    String name, List<String> command, Status whenMissing, String purpose, String remedy)
    implements Check {

  @Override
  public CheckResult run() {
    Optional<String> version = Tool.firstLine(command.toArray(String[]::new));
    return version
        .map(line -> CheckResult.ok(name, line))
        .orElseGet(
            () ->
                new CheckResult(
                    name,
                    whenMissing,
                    "not there; " + purpose,
                    whenMissing == Status.OK ? null : remedy));
  }
}
