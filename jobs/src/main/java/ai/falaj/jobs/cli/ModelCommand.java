package ai.falaj.jobs.cli;

import picocli.CommandLine.Command;

/** {@code falaj model}: the group of commands about models. */
@Command(
    name = "model",
    description = "List, download and describe models.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelListCommand.class, ModelPullCommand.class, ModelInfoCommand.class})
final class ModelCommand extends FalajCommand {

  @Override
  protected int run(Console console) {
    throw CliException.usage("'falaj model' needs a command", "say list, pull or info");
  }
}
