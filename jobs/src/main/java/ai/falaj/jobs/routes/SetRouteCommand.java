package ai.falaj.jobs.routes;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.operators.routing.Route;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code falaj routes set}: from now on the requests for a name go where this says. */
@Command(
    name = "set",
    description = "Share the requests for a name out between models.",
    sortOptions = false,
    footer = {
      "",
      "falaj routes set k2 k2:50,k2-canary:50",
      "falaj routes set default k2:90,k2-canary:10 shadow gpt-oss:5",
      "",
      "A job that does not serve one of the models leaves its route as it is and writes a",
      "dead letter: see 'falaj dead-letters list'."
    })
final class SetRouteCommand extends FalajCommand {

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "Model name that requests use; 'default' for those that name none.")
  private String name;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "SPLIT",
      description = "MODEL:WEIGHT,... and, where wanted, shadow MODEL:PERCENT,...")
  private List<String> split;

  @Mixin private RouteTopicOptions topicOptions;

  @Override
  protected int run(Console console) throws InterruptedException {
    if (name.isBlank()) {
      throw CliException.usage("NAME is empty", "name the model that requests ask for");
    }
    Route route;
    try {
      route = Route.parse(String.join(" ", split));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    try (RouteTopic topic = topicOptions.open(directories())) {
      if (!topic.isCompacted()) {
        console.note(
            "falaj: topic %s is not compacted, so the broker forgets routes; set its cleanup.policy to compact"
                .formatted(topic.name()));
      }
      RouteTopic.Written written = topic.set(name, route, Instant.now());
      if (console.isJson()) {
        console.json(RouteDocument.of(name, route, written));
      } else {
        console.say("requests for %s go to %s".formatted(name, route));
      }
    }
    return ExitCodes.OK;
  }
}
