package ai.falaj.jobs.routes;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.FalajCommand;
import picocli.CommandLine.Command;

/** {@code falaj routes}: the group of commands about how requests are shared out. */
@Command(
    name = "routes",
    description = "Share requests out between models while the job runs.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SetRouteCommand.class, ResetRouteCommand.class, ListRoutesCommand.class})
public final class RoutesCommand extends FalajCommand {

  @Override
  protected int run(Console console) {
    throw CliException.usage("'falaj routes' needs a command", "say set, reset or list");
  }
}
