package ai.falaj.jobs.bench.delivery;

import ai.falaj.jobs.FalajDirectories;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Option;

/** What the benchmarks of whole jobs have in common: the job's size and settings. */
final class JobOptions {

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      defaultValue = "2",
      description = "Parallelism of the job (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of each topic (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description =
          "A setting of the job, such as falaj.inference.max-in-flight=256; may be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  int parallelism() {
    if (parallelism < 1) {
      throw CliException.usage("--parallelism is " + parallelism, "give at least 1");
    }
    return parallelism;
  }

  int partitions() {
    if (partitions < 1) {
      throw CliException.usage("--partitions is " + partitions, "give at least 1");
    }
    return partitions;
  }

  /** As they were given, in order; for the report. */
  Map<String, String> settings() {
    return new LinkedHashMap<>(settings);
  }

  /** The job's settings; a benchmark's own come first, so that these win. */
  Configuration over(Map<String, String> ofTheBenchmark) {
    Configuration configuration = Configuration.fromMap(ofTheBenchmark);
    configuration.addAll(Configuration.fromMap(settings));
    return configuration;
  }

  /** Starts a stack that has room for one job. */
  BenchStack start(FalajDirectories directories, Console console) throws IOException {
    Path home =
        directories
            .home()
            .orElseThrow(
                () ->
                    CliException.usage(
                        "the broker's and the registry's files are not known",
                        "start Falaj with its launcher, or set -Dfalaj.home"));
    return BenchStack.start(home, parallelism(), console::note);
  }
}
