package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj topics}: creates what a job needs on a broker that creates nothing by itself. */
@Command(
    name = "topics",
    description = {
      "Create the job's topics where they are missing; those that exist stay as they are.",
    },
    footer = {
      "",
      "Example: falaj topics --bootstrap kafka:9092 --partitions 12 --replication 3",
      "  falaj topics --more falaj.tool-requests --more falaj.tool-responses"
    },
    sortOptions = false)
public final class TopicsCommand extends FalajCommand {

  private static final int MAX_PARTITIONS = 10_000;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of each new topic: as many subtasks can read (default: 4).")
  private int partitions;

  @Option(
      names = "--replication",
      paramLabel = "N",
      description = "Copies of each partition (default: what the broker is set to).")
  private Short replication;

  @Option(
      names = "--more",
      paramLabel = "TOPIC",
      description = "Another topic to create, such as that of traces; may be repeated.")
  private List<String> more = new ArrayList<>();

  @Mixin private ClientOptions connectionOptions;

  /** As {@code --json} prints it. */
  record Topics(List<String> created, List<String> existing) {
    Topics {
      created = List.copyOf(created);
      existing = List.copyOf(existing);
    }
  }

  @Override
  protected int run(Console console) throws InterruptedException {
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw CliException.usage(
          "--partitions is " + partitions, "give it 1 to " + MAX_PARTITIONS + " partitions");
    }
    Connection connection = connectionOptions.resolve(directories());
    Reachability.requireTopics(connection, List.of());
    List<String> names =
        new ArrayList<>(
            connection.topics(
                RecordKind.PROMPTS,
                RecordKind.CHUNKS,
                RecordKind.COMPLETIONS,
                RecordKind.DEAD_LETTERS));
    names.addAll(more);
    Topics topics = create(connection, names);
    if (console.isJson()) {
      console.json(topics);
    } else {
      topics.created().forEach(name -> console.say("created  " + name));
      topics.existing().forEach(name -> console.say("exists   " + name));
    }
    return ExitCodes.OK;
  }

  private Topics create(Connection connection, List<String> names) throws InterruptedException {
    List<NewTopic> wanted =
        names.stream()
            .distinct()
            .map(
                name ->
                    new NewTopic(name, Optional.of(partitions), Optional.ofNullable(replication)))
            .toList();
    List<String> created = new ArrayList<>();
    List<String> existing = new ArrayList<>();
    try (Admin admin = Admin.create(connection.clientSettings(Map.of()))) {
      Map<String, KafkaFuture<Void>> results = admin.createTopics(wanted).values();
      for (NewTopic topic : wanted) {
        (isNew(connection, topic.name(), results.get(topic.name())) ? created : existing)
            .add(topic.name());
      }
    }
    return new Topics(created, existing);
  }

  private static boolean isNew(Connection connection, String name, KafkaFuture<Void> creation)
      throws InterruptedException {
    try {
      creation.get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw CliException.failure(
          "the broker at %s answered: %s: %s"
              .formatted(connection.bootstrapServers(), name, e.getCause().getMessage()),
          "correct what it names, or see its log",
          e.getCause());
    }
  }
}
