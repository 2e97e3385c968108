package ai.falaj.benchmarks.llamatools;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.load.LoadRequest;
import ai.falaj.benchmarks.load.LoadRun;
import ai.falaj.benchmarks.load.LoadTarget;
import ai.falaj.benchmarks.load.RequestTimeline;
import ai.falaj.benchmarks.load.Workload;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code llama-server} over HTTP: each client is a thread with a connection that it keeps. Confined
 * to one thread.
 */
public final class ServerTarget implements LoadTarget {

  private static final int HTTP_OK = 200;

  private final LlamaServer server;
  private final boolean cachePrompt;

  /**
   * @param server which the target owns from now on
   * @param cachePrompt whether the server may start from what a slot holds already
   */
  public ServerTarget(LlamaServer server, boolean cachePrompt) {
    this.server = server;
    this.cachePrompt = cachePrompt;
  }

  @Override
  public LoadRun run(Workload workload, int clients)
      throws BenchmarkException, InterruptedException {
    // The server closes connections that rest between two runs; each run begins with its own.
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    AtomicInteger next = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<List<RequestTimeline>>> all = new ArrayList<>();
      for (int index = 0; index < clients; index++) {
        all.add(threads.submit(() -> client(http, workload, next)));
      }
      List<RequestTimeline> timelines = new ArrayList<>();
      for (Future<List<RequestTimeline>> one : all) {
        timelines.addAll(one.get());
      }
      return new LoadRun(timelines);
    } catch (ExecutionException e) {
      throw new BenchmarkException(e.getCause().getMessage(), e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  @Override
  public void close() {
    server.close();
  }

  private List<RequestTimeline> client(HttpClient http, Workload workload, AtomicInteger next)
      throws IOException, InterruptedException, BenchmarkException {
    List<RequestTimeline> timelines = new ArrayList<>();
    for (int index = next.getAndIncrement();
        index < workload.size();
        index = next.getAndIncrement()) {
      timelines.add(complete(http, workload.requests().get(index)));
    }
    return timelines;
  }

  private RequestTimeline complete(HttpClient http, LoadRequest request)
      throws IOException, InterruptedException, BenchmarkException {
    HttpRequest post =
        HttpRequest.newBuilder(server.address().resolve("/completion"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(CompletionStream.body(request, cachePrompt)))
            .build();
    long submittedNanos = System.nanoTime();
    HttpResponse<InputStream> response = http.send(post, BodyHandlers.ofInputStream());
    try (BufferedReader events =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      if (response.statusCode() != HTTP_OK) {
        throw new BenchmarkException(
            "llama-server answered request %s with %d: %s"
                .formatted(request.id(), response.statusCode(), events.readLine()));
      }
      return CompletionStream.read(request, submittedNanos, events);
    }
  }
}
