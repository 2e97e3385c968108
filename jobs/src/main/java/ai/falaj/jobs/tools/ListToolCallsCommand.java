package ai.falaj.jobs.tools;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.client.RecordJson;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.schemas.ToolRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code falaj tools list}: the calls that models wait for. */
@Command(name = "list", description = "List the calls that models wait for.", sortOptions = false)
final class ListToolCallsCommand extends FalajCommand {

  @Mixin private ToolTopicOptions topics;

  @Override
  protected int run(Console console) throws InterruptedException {
    Instant now = Instant.now();
    List<ToolRequest> open;
    try (ToolCalls calls = topics.open(directories())) {
      open = calls.open(now);
    }
    if (console.isJson()) {
      open.forEach(request -> console.json(RecordJson.document(request)));
    } else if (open.isEmpty()) {
      console.say("no model waits for a tool");
    } else {
      open.forEach(request -> console.say(line(request, now)));
    }
    return ExitCodes.OK;
  }

  private static String line(ToolRequest request, Instant now) {
    return DisplayText.oneLine(
        "%s %s(%s), %d s left"
            .formatted(
                request.getToolRequestId(),
                request.getName(),
                request.getArguments(),
                Duration.between(now, request.getAnswerUntil()).toSeconds()));
  }
}
