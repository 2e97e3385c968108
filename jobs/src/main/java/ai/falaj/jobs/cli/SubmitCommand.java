package ai.falaj.jobs.cli;

import ai.falaj.jobs.FalajVersion;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.jobs.submit.FlinkRestException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code falaj submit}: a job, on a cluster that runs already. */
@Command(
    name = "submit",
    description = "Run one of the jobs on a Flink cluster.",
    footer = {
      "",
      "Example: falaj submit --flink http://flink:8081 -D falaj.model=/models/k2-think.gguf",
      "  -D falaj.bootstrap.servers=kafka:9092 -D falaj.schema-registry.url=http://registry:8081",
      "The model and llama.cpp's libraries have to be on the TaskManagers. Without --flink it goes to",
      "the running local stack, whose Kafka and registry are then the defaults. Two jobs that read the",
      "same prompts answer each of them twice: -D falaj.topic.prompts=TOPIC gives one its own."
    })
final class SubmitCommand extends FalajCommand {

  @Option(
      names = "--flink",
      paramLabel = "URL",
      description = "The cluster's REST API (default: that of the running local stack).")
  private URI flink;

  @Option(
      names = "--job",
      paramLabel = "NAME",
      defaultValue = "completion",
      description =
          "completion; reasoning: plan, best of N, a judge; analytics: windows of usage (default:"
              + " completion).")
  private SubmittableJob job;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "A setting of the job or of Flink; may be repeated.")
  private Map<String, String> configuration = new LinkedHashMap<>();

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Parallelism of the job (default: what the cluster says).")
  private int parallelism;

  @Option(
      names = {"-s", "--from-savepoint"},
      paramLabel = "PATH",
      description = "Savepoint or checkpoint to start from.")
  private String savepoint;

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description = "Jar to submit (default: the one that was built).")
  private Path jar;

  /** As {@code --json} prints it. */
  record Submitted(String jobId, String url) {}

  @Override
  protected int run(Console console) throws IOException, InterruptedException {
    Target target = target();
    Path file = jarFile();
    FlinkRestClient client = new FlinkRestClient(target.flink());
    try {
      warnOfOtherRelease(console, client.version());
      Submitted submitted = submit(client, file, target.settings());
      if (console.isJson()) {
        console.json(submitted);
      } else {
        console.say("Job " + submitted.jobId() + " runs: " + submitted.url());
      }
      return ExitCodes.OK;
    } catch (FlinkRestException e) {
      throw e.isUnreachable()
          ? CliException.usage(e.getMessage(), "start the cluster, or name another with --flink", e)
          : CliException.failure(e.getMessage(), "see the JobManager's log", e);
    }
  }

  /** Where to, and what is known of that place; the user's own settings win. */
  private record Target(URI flink, Map<String, String> settings) {}

  private Submitted submit(FlinkRestClient client, Path file, Map<String, String> settings)
      throws IOException, InterruptedException {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.putAll(configuration);
    String jarId = client.upload(file);
    try {
      String jobId =
          client.run(
              jarId, new FlinkRestClient.RunRequest(job.mainClass(), all, parallelism, savepoint));
      return new Submitted(jobId, client.jobPage(jobId).toString());
    } finally {
      client.delete(jarId);
    }
  }

  private Target target() {
    if (flink == null) {
      return StackDescription.running(directories().stackState())
          .map(SubmitCommand::localTarget)
          .orElseThrow(
              () ->
                  CliException.usage(
                      "no local stack runs", "name a cluster with --flink http://HOST:8081"));
    }
    if (flink.getHost() == null || !"http https".contains(String.valueOf(flink.getScheme()))) {
      throw CliException.usage(
          "--flink is " + flink, "give it as http://HOST:PORT or https://HOST:PORT");
    }
    return new Target(flink, Map.of());
  }

  private static Target localTarget(StackDescription stack) {
    return new Target(
        URI.create(stack.flinkUrl()),
        Map.of(
            CompletionOptions.BOOTSTRAP_SERVERS.key(), stack.bootstrapServers(),
            CompletionOptions.SCHEMA_REGISTRY_URL.key(), stack.schemaRegistryUrl()));
  }

  private Path jarFile() {
    Path file =
        jar == null
            ? directories()
                .home()
                .map(home -> home.resolve("jobs/target/falaj-job.jar"))
                .orElse(Path.of("falaj-job.jar"))
            : jar;
    if (!Files.isRegularFile(file)) {
      throw CliException.usage(
          file + " does not exist", "build it with mvn -DskipTests package, or name it with --jar");
    }
    return file;
  }

  private static void warnOfOtherRelease(Console console, String clusterVersion) {
    String ours = FalajVersion.current().flink();
    if (!minor(clusterVersion).equals(minor(ours))) {
      console.note(
          "falaj: the cluster is Flink " + clusterVersion + ", the job is built for " + ours);
    }
  }

  private static String minor(String version) {
    int secondDot = version.indexOf('.', version.indexOf('.') + 1);
    return secondDot < 0 ? version : version.substring(0, secondDot);
  }
}
