package ai.falaj.jobs.bench;

import ai.falaj.jobs.bench.dashboard.BenchDashboardCommand;
import ai.falaj.jobs.bench.delivery.BenchBacklogCommand;
import ai.falaj.jobs.bench.delivery.BenchCheckpointsCommand;
import ai.falaj.jobs.bench.delivery.BenchDeliveryCommand;
import ai.falaj.jobs.bench.delivery.BenchEnrichCommand;
import ai.falaj.jobs.bench.delivery.BenchLatencyCommand;
import ai.falaj.jobs.bench.delivery.BenchOrderCommand;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.FalajCommand;
import picocli.CommandLine.Command;

/** {@code falaj bench}: the group of benchmarks. */
@Command(
    name = "bench",
    description = "Measure the engine or the whole pipeline on this machine.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchEngineCommand.class,
      BenchPipelineCommand.class,
      BenchBatchedCommand.class,
      BenchServerCommand.class,
      BenchRemoteCommand.class,
      BenchPrefixCommand.class,
      BenchSamplesCommand.class,
      BenchFairnessCommand.class,
      BenchSpeculationCommand.class,
      BenchKvCommand.class,
      BenchResumeCommand.class,
      BenchDistributionCommand.class,
      BenchDeliveryCommand.class,
      BenchLatencyCommand.class,
      BenchOrderCommand.class,
      BenchCheckpointsCommand.class,
      BenchBacklogCommand.class,
      BenchEnrichCommand.class,
      BenchEnrichEngineCommand.class,
      BenchSqlCommand.class,
      BenchDashboardCommand.class,
      BenchReportCommand.class,
    })
public final class BenchCommand extends FalajCommand {

  @Override
  protected int run(Console console) {
    throw CliException.usage("'falaj bench' needs a command", "see: falaj bench --help");
  }
}
