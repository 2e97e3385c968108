package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.remote.RemoteBenchmark;
import ai.falaj.benchmarks.remote.RemoteClient;
import ai.falaj.benchmarks.remote.RemoteLoad;
import ai.falaj.jobs.bench.predict.OpenAiProvider;
import ai.falaj.jobs.bench.predict.PredictClient;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench remote}: many streams of a server with vLLM's timing, and the same through
 * Flink's {@code ML_PREDICT} with its own provider.
 */
@Command(
    name = "remote",
    description =
        "Stream from a server with vLLM's timing: share of its ideal, threads, and the same through"
            + " Flink's ML_PREDICT.",
    sortOptions = false)
final class BenchRemoteCommand extends FalajCommand {

  private static final int PREDICT_WAVES = 40;

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

  @Option(
      names = "--ml-predict",
      paramLabel = "CLIENTS",
      split = ",",
      description =
          "Also run ML_PREDICT: with Falaj's provider, and with flink-model-openai once for each"
              + " number of HTTP clients given, one of which sends 5 requests at once (default: 1,"
              + " and one for every 5 streams). 0: not at all.")
  private List<Integer> predictClients = List.of();

  @Option(
      names = "--ml-predict-requests",
      paramLabel = "N",
      description =
          "Requests of each round of flink-model-openai, all in flight up to the number of streams (default: as"
              + " many as the runtime's, but at most 40 for each that it sends at once).")
  private Integer predictRequests;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "1",
      description = "Parallelism of the jobs with ML_PREDICT (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    RemoteLoad load =
        ReportOptions.checked(
            () -> new RemoteLoad(streams, requests, tokens, firstTokenMs, perTokenMs, rounds));
    results.show(console, new RemoteBenchmark(load, others()).run(console::note));
    return ExitCodes.OK;
  }

  private List<RemoteClient.Factory> others() throws BenchmarkException {
    List<RemoteClient.Factory> others = new ArrayList<>();
    Set<Integer> numbers = clients();
    if (!numbers.isEmpty()) {
      others.add(PredictClient.falaj(parallelism));
    }
    for (int clients : numbers) {
      others.add(
          PredictClient.openAi(
              OpenAiProvider.jar(directories()),
              clients,
              predictRequests == null ? predictRequests(clients) : predictRequests,
              parallelism));
    }
    return others;
  }

  /** A rate does not depend on how many requests follow, and few at once take long. */
  private int predictRequests(int clients) {
    int atOnce = clients * OpenAiProvider.REQUESTS_PER_CLIENT;
    return Math.min(streams * requests, PREDICT_WAVES * atOnce);
  }

  /** Distinct numbers of HTTP clients, none where they are not wanted. */
  private Set<Integer> clients() {
    Set<Integer> clients = new LinkedHashSet<>(predictClients);
    if (predictClients.isEmpty()) {
      clients.add(1);
      clients.add(
          (streams + OpenAiProvider.REQUESTS_PER_CLIENT - 1) / OpenAiProvider.REQUESTS_PER_CLIENT);
    }
    clients.remove(0);
    if (clients.stream().anyMatch(count -> count < 0)
        || parallelism < 1
        || (predictRequests != null && predictRequests < 1)) {
      throw CliException.usage(
          "--ml-predict, --ml-predict-requests and --parallelism take no such numbers",
          "give 1 or more, or --ml-predict 0 to leave it out");
    }
    return clients;
  }
}
