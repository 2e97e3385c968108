package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.remote.RemoteBenchmark;
import ai.falaj.benchmarks.remote.RemoteLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench remote}: many streams of a server with vLLM's timing. */
@Command(
    name = "remote",
    description = "Stream from a server with vLLM's timing: share of its ideal, and threads.",
    sortOptions = false)
final class BenchRemoteCommand extends FalajCommand {

  @Mixin private ReportOptions results;

  @Option(
      names = "--streams",
      paramLabel = "N",
      defaultValue = "500",
      description = "Streams that are open at once (default: ${DEFAULT-VALUE}).")
  private int streams;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "2",
      description = "Requests of each stream, one after the other (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "200",
      description = "Tokens of each answer (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--first-token-ms",
      paramLabel = "MS",
      defaultValue = "200",
      description = "From a request to its first token (default: ${DEFAULT-VALUE}).")
  private int firstTokenMs;

  @Option(
      names = "--per-token-ms",
      paramLabel = "MS",
      defaultValue = "25",
      description = "From a token to the next (default: ${DEFAULT-VALUE}).")
  private int perTokenMs;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds that count, after one that warms up (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    RemoteLoad load =
        ReportOptions.checked(
            () -> new RemoteLoad(streams, requests, tokens, firstTokenMs, perTokenMs, rounds));
    results.show(console, new RemoteBenchmark(load).run(console::note));
    return ExitCodes.OK;
  }
}
