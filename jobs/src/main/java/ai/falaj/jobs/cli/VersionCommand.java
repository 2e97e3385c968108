package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajVersion;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code falaj version}: what this build is made of and runs on. */
@Command(name = "version", description = "Show the versions of Falaj, Flink, Kafka and Java.")
final class VersionCommand extends FalajCommand {

  @Override
  protected int run(Console console) {
    return print(console);
  }

  static int print(Console console) {
    FalajVersion version = FalajVersion.current();
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("falaj", version.falaj());
    versions.put("flink", version.flink());
    versions.put("kafkaClients", version.kafkaClients());
    versions.put("kafkaBroker", version.kafkaBroker());
    versions.put("apicurio", version.apicurio());
    versions.put("avro", version.avro());
    versions.put("java", System.getProperty("java.version"));
    versions.put("platform", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    if (console.isJson()) {
      console.json(versions);
    } else {
      console.say("falaj " + version.falaj());
      versions.entrySet().stream()
          .skip(1)
          .forEach(
              entry -> console.say(String.format("  %-13s %s", entry.getKey(), entry.getValue())));
    }
    return ExitCodes.OK;
  }
}
