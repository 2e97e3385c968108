package ai.falaj.runtime.catalog;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeStats;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Gives each request to the model that it names. Every listener hears which one serves it, under
 * the catalog's name, before it hears that it started, and every result says so.
 *
 * <p>It owns no model: {@link #close()} ends the catalog's own requests and gives the leases back,
 * and others who share a member do not notice. What it tells of itself is put together so:
 *
 * <ul>
 *   <li>{@link #info()} is the default model's; {@link #models()} has all of them.
 *   <li>{@link #stats()} is the sum of the members' ({@link RuntimeStats#plus}), whoever their
 *       requests come from; {@link #statsByModel()} has each by itself.
 *   <li>{@link #health()} is that of the member that is worst off, and names it: a catalog with a
 *       member that FAILED is FAILED, so that the next one to acquire it loads that member anew.
 * </ul>
 *
 * <p>Any thread. Listeners are called on the thread of the member that serves them, or in {@link
 * #close()}; of a name that the catalog lacks, on a thread of the catalog that ends when it has
 * nothing to tell.
 */
final class CatalogRuntime implements ModelRuntime {

  private static final List<RuntimeHealth.State> FROM_BEST_TO_WORST =
      List.of(
          RuntimeHealth.State.READY,
          RuntimeHealth.State.DRAINING,
          RuntimeHealth.State.LOADING,
          RuntimeHealth.State.FAILED);

  /** The default model first. */
  private final Map<String, CatalogMember> members = new LinkedHashMap<>();

  private final CatalogMember standard;
  private final ThreadPoolExecutor ownThread;

  /** Those that have not ended. */
  private final Set<CatalogRequest> requests = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  /**
   * @param members whose leases are this runtime's to give back
   * @param defaultModel name of one of them
   */
  CatalogRuntime(List<CatalogMember> members, String defaultModel) {
    Map<String, CatalogMember> byName =
        members.stream().collect(Collectors.toMap(CatalogMember::name, member -> member));
    standard = byName.get(defaultModel);
    this.members.put(defaultModel, standard);
    members.forEach(member -> this.members.putIfAbsent(member.name(), member));
    ownThread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "falaj-catalog-" + defaultModel);
              thread.setDaemon(true);
              return thread;
            },
            // Closed meanwhile: the request ended there.
            new ThreadPoolExecutor.DiscardPolicy());
    ownThread.allowCoreThreadTimeOut(true);
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    if (closed) {
      throw closedFor(request.requestId());
    }
    CatalogMember member = request.model().map(members::get).orElse(standard);
    if (request.model().isPresent() && !members.containsKey(request.model().get())) {
      return refuse(request, listener);
    }
    CatalogRequest routed = new CatalogRequest(request.requestId(), member, listener, requests);
    requests.add(routed);
    boolean accepted = false;
    try {
      routed.acceptedAs(member.runtime().submit(request.withoutModel(), routed));
      accepted = true;
    } finally {
      if (!accepted) {
        requests.remove(routed);
      }
    }
    if (closed) {
      routed.fail(closedFor(request.requestId()));
    }
    return routed;
  }

  private GenerationHandle refuse(GenerationRequest request, GenerationListener listener) {
    CatalogRequest unknown = new CatalogRequest(request.requestId(), standard, listener, requests);
    requests.add(unknown);
    GenerationException refusal =
        new GenerationException(
            request.requestId(),
            RuntimeErrorCode.UNKNOWN_MODEL,
            "model is '%s' and there are %s; name one of them, or none for %s"
                .formatted(request.model().orElseThrow(), names(), standard.name()));
    ownThread.execute(() -> unknown.fail(refusal));
    if (closed) {
      unknown.fail(closedFor(request.requestId()));
    }
    return unknown;
  }

  private String names() {
    return members.keySet().stream().sorted().collect(Collectors.joining(", "));
  }

  private GenerationException closedFor(String requestId) {
    return new GenerationException(
        requestId,
        RuntimeErrorCode.RUNTIME_CLOSED,
        "the runtime of models " + names() + " is closed");
  }

  @Override
  public RuntimeInfo info() {
    return standard.info();
  }

  @Override
  public List<RuntimeInfo> models() {
    return members.values().stream()
        .map(member -> member.runtime().info().named(member.name()))
        .toList();
  }

  @Override
  public RuntimeStats stats() {
    return members.values().stream()
        .map(CatalogMember::runtime)
        .distinct()
        .map(ModelRuntime::stats)
        .reduce(RuntimeStats.NONE, RuntimeStats::plus);
  }

  @Override
  public Map<String, RuntimeStats> statsByModel() {
    Map<String, RuntimeStats> stats = new LinkedHashMap<>();
    members.forEach((name, member) -> stats.put(name, member.runtime().stats()));
    return stats;
  }

  @Override
  public RuntimeHealth health() {
    if (closed) {
      return RuntimeHealth.failed("the catalog was closed");
    }
    Map<String, RuntimeHealth> all = new LinkedHashMap<>();
    members.forEach((name, member) -> all.put(name, member.runtime().health()));
    Map.Entry<String, RuntimeHealth> worst =
        all.entrySet().stream()
            .max(
                Comparator.comparingInt(
                    health -> FROM_BEST_TO_WORST.indexOf(health.getValue().state())))
            .orElseThrow();
    RuntimeHealth health = worst.getValue();
    String reason = health.reason().isEmpty() ? "" : worst.getKey() + ": " + health.reason();
    return new RuntimeHealth(health.state(), reason, longestSinceLastStep(all));
  }

  /** Of those that have something to do: an idle model says nothing by taking no step. */
  private Optional<Duration> longestSinceLastStep(Map<String, RuntimeHealth> all) {
    return all.entrySet().stream()
        .filter(health -> members.get(health.getKey()).runtime().stats().requestsRunning() > 0)
        .flatMap(health -> health.getValue().sinceLastStep().stream())
        .max(Comparator.naturalOrder());
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    for (CatalogRequest request : List.copyOf(requests)) {
      request.fail(closedFor(request.requestId()));
    }
    ownThread.shutdown();
    members.values().forEach(CatalogMember::close);
  }
}
