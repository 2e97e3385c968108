package ai.falaj.jobs.routes;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code falaj routes reset}: a route is again what the job is configured with. */
@Command(
    name = "reset",
    description = "Take a route back to what the job is configured with.",
    sortOptions = false)
final class ResetRouteCommand extends FalajCommand {

  @Parameters(paramLabel = "NAME", description = "Name of the route.")
  private String name;

  @Mixin private RouteTopicOptions topicOptions;

  @Override
  protected int run(Console console) throws InterruptedException {
    if (name.isBlank()) {
      throw CliException.usage("NAME is empty", "name the route");
    }
    try (RouteTopic topic = topicOptions.open(directories())) {
      RouteTopic.Written written = topic.reset(name);
      if (console.isJson()) {
        console.json(RouteDocument.ofReset(name, written));
      } else {
        console.say("requests for %s go where the job's configuration says".formatted(name));
      }
    }
    return ExitCodes.OK;
  }
}
