package ai.falaj.jobs.cli;

import ai.falaj.jobs.stack.LocalStack;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code falaj up}: the local stack with the completion job in it, until Ctrl-C. */
@Command(name = "up", description = "Start broker, registry and Flink on this machine.")
final class UpCommand extends FalajCommand {

  @Mixin private StackOptions stackOptions;

  @Override
  protected int run(Console console) throws InterruptedException, ExecutionException {
    LocalStackOptions options =
        stackOptions.resolve(directories(), List.of()).withProgress(console::note);
    try (LocalStack stack = LocalStack.start(options)) {
      if (console.isJson()) {
        console.json(stack.description());
      }
      StackException reason = stack.failure().get();
      throw reason;
    }
  }
}
