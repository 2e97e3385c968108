package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.speculation.SpeculationBenchmark;
import ai.falaj.benchmarks.speculation.SpeculationLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench speculation}: what prompt lookup brings to answers that quote. */
@Command(
    name = "speculation",
    description =
        "Compare answers that quote their prompt with prompt lookup and without, in turn.",
    sortOptions = false)
final class BenchSpeculationCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "160",
      description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Counted rounds of both (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    SpeculationLoad load = BenchmarkOptions.checked(() -> new SpeculationLoad(newTokens, rounds));
    options.show(console, new SpeculationBenchmark(options.settings(), load).run(console::note));
    return ExitCodes.OK;
  }
}
