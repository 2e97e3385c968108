package ai.falaj.jobs.tools;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.client.RecordJson;
import ai.falaj.schemas.ToolRequest;
import ai.falaj.schemas.ToolResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj tools answer}: says what a call gave. */
@Command(name = "answer", description = "Tell a model what its call gave.", sortOptions = false)
final class AnswerToolCallCommand extends FalajCommand {

  @Parameters(
      index = "0",
      paramLabel = "ID",
      description = "The tool_request_id that falaj tools list shows.")
  private String id;

  @Parameters(
      index = "1",
      paramLabel = "TEXT",
      description = "What the model is told; - reads it from standard input.")
  private String content;

  @Option(names = "--error", description = "The tool could not do it; the text says why.")
  private boolean isError;

  @Mixin private ToolTopicOptions topics;

  @Override
  protected int run(Console console) throws InterruptedException, IOException {
    String text =
        content.equals("-")
            ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
            : content;
    try (ToolCalls calls = topics.open(directories())) {
      ToolRequest request =
          calls
              .find(id)
              .orElseThrow(
                  () ->
                      CliException.usage(
                          "no tool request " + id + " is in " + calls.requestsTopic(),
                          "falaj tools list shows those that models wait for"));
      ToolResponse response = calls.answer(request, text, isError, Instant.now());
      if (console.isJson()) {
        console.json(RecordJson.document(response));
      } else {
        console.say("told the model of " + request.getRequestId());
      }
    }
    return ExitCodes.OK;
  }
}
