package ai.falaj.jobs.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/**
 * {@code falaj completion}: the completion script, for bash and for zsh with its bash emulation.
 */
@Command(
    name = "completion",
    description = "Print a completion script for bash and zsh.",
    footer = {
      "",
      "Put it to use:  source <(falaj completion)",
      "For good:       falaj completion > ~/.local/share/bash-completion/completions/falaj"
    })
final class CompletionCommand extends FalajCommand {

  @Override
  protected int run(Console console) {
    String script = AutoComplete.bash("falaj", spec().root().commandLine());
    if (console.isJson()) {
      console.json(java.util.Map.of("script", script));
    } else {
      console.stream(script);
    }
    return ExitCodes.OK;
  }
}
