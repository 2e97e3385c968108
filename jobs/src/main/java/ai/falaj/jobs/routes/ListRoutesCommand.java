package ai.falaj.jobs.routes;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.terminal.DisplayText;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code falaj routes list}: what the control topic says now. */
@Command(
    name = "list",
    description = "List the routes that were set; others are as the job is configured.",
    sortOptions = false)
final class ListRoutesCommand extends FalajCommand {

  private static final String GAP = "  ";
  private static final String HEAD = "ROUTE";

  @Mixin private RouteTopicOptions topicOptions;

  @Override
  protected int run(Console console) throws InterruptedException {
    RouteTopic.Contents contents;
    try (RouteTopic topic = topicOptions.open(directories())) {
      contents = topic.read();
    }
    List<RouteTopic.Entry> routes = contents.routes();
    if (console.isJson()) {
      routes.forEach(route -> console.json(RouteDocument.of(route)));
    } else if (routes.isEmpty()) {
      console.say("no route is set");
    } else {
      print(routes, console);
    }
    if (contents.unreadable() > 0) {
      console.note("falaj: records of the topic that are no routes: " + contents.unreadable());
    }
    return ExitCodes.OK;
  }

  private static void print(List<RouteTopic.Entry> routes, Console console) {
    int width = HEAD.length();
    for (RouteTopic.Entry route : routes) {
      width = Math.max(width, DisplayText.width(DisplayText.oneLine(route.name())));
    }
    console.say(
        console.styled(
            Style.BOLD,
            DisplayText.pad(HEAD, width) + GAP + DisplayText.pad("SET", 20) + GAP + "SPLIT"));
    for (RouteTopic.Entry route : routes) {
      console.say(
          DisplayText.pad(DisplayText.oneLine(route.name()), width)
              + GAP
              + DisplayText.pad(route.updatedAt().truncatedTo(ChronoUnit.SECONDS).toString(), 20)
              + GAP
              + DisplayText.oneLine(route.route().toString()));
    }
  }
}
