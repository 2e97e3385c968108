package ai.falaj.jobs.tools;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.FalajCommand;
import picocli.CommandLine.Command;

/** {@code falaj tools}: the group of commands about what models want called. */
@Command(
    name = "tools",
    description = "See what models want called, and answer by hand.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ListToolCallsCommand.class, AnswerToolCallCommand.class})
public final class ToolsCommand extends FalajCommand {

  @Override
  protected int run(Console console) {
    throw CliException.usage("'falaj tools' needs a command", "say list or answer");
  }
}
