package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.FalajCommand;
import picocli.CommandLine.Command;

/** {@code falaj dead-letters}: the group of commands about prompts that could not be answered. */
@Command(
    name = "dead-letters",
    description = "List prompts that could not be answered, and send them again.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ListDeadLettersCommand.class, RetryDeadLettersCommand.class})
public final class DeadLettersCommand extends FalajCommand {

  @Override
  protected int run(Console console) {
    throw CliException.usage("'falaj dead-letters' needs a command", "say list or retry");
  }
}
