package ai.falaj.jobs.cli;

import ai.falaj.jobs.cli.doctor.CheckResult;
import ai.falaj.jobs.cli.doctor.CheckResult.Status;
import ai.falaj.jobs.cli.doctor.Doctor;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** {@code falaj doctor}: what is there, what is missing, what to do about it. */
@Command(name = "doctor", description = "Check this machine and say what to do.")
final class DoctorCommand extends FalajCommand {

  /** As {@code --json} prints it. */
  record Line(String name, String status, String detail, String remedy) {}

  /** The whole document. */
  record Report(boolean ok, List<Line> checks) {}

  @Override
  protected int run(Console console) {
    Doctor doctor = Doctor.of(directories(), directories().stackState());
    List<CheckResult> results =
        doctor.examine(
            result -> {
              if (!console.isJson()) {
                print(console, result);
              }
            });
    boolean ok = results.stream().noneMatch(result -> result.status() == Status.FAIL);
    if (console.isJson()) {
      console.json(new Report(ok, results.stream().map(DoctorCommand::line).toList()));
    } else {
      console.say(summary(results));
    }
    return ok ? ExitCodes.OK : ExitCodes.FAILURE;
  }

  private static Line line(CheckResult result) {
    return new Line(result.name(), result.status().toString(), result.detail(), result.remedy());
  }

  private static void print(Console console, CheckResult result) {
    Style style =
        switch (result.status()) {
          case OK -> Style.GREEN;
          case WARN -> Style.YELLOW;
          case FAIL -> Style.RED;
        };
    String status = console.styled(style, String.format("%-4s", result.status()));
    console.say(String.format("%s  %-9s  %s", status, result.name(), result.detail()));
    if (result.remedy() != null) {
      console.say("                 -> " + result.remedy());
    }
  }

  private static String summary(List<CheckResult> results) {
    String problems =
        List.of(Status.FAIL, Status.WARN).stream()
            .filter(status -> count(results, status) > 0)
            .map(status -> count(results, status) + " " + status.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return problems.isEmpty() ? "All is well." : problems;
  }

  private static long count(List<CheckResult> results, Status status) {
    return results.stream().filter(result -> result.status() == status).count();
  }
}
