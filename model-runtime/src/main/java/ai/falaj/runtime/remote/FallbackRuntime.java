package ai.falaj.runtime.remote;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runtimes that stand in for each other, in order. A request goes to the first that can serve at
 * this moment; one that refuses it, or fails before its first token for a reason of its own, hands
 * it to the next. The listener hears who serves it, once somebody does.
 *
 * <p>The runtimes are shared with whoever else uses them. One that cannot be opened is missing
 * until it can; only if all are, the chain cannot be opened. Any thread.
 */
public final class FallbackRuntime implements ModelRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(FallbackRuntime.class);

  private final FallbackSpec spec;
  private final List<FallbackLeg> legs;
  private final RuntimeInfo info;
  private final Set<FallbackGeneration> active = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private FallbackRuntime(FallbackSpec spec, List<FallbackLeg> legs, RuntimeInfo info) {
    this.spec = spec;
    this.legs = List.copyOf(legs);
    this.info = info;
  }

  /**
   * @param registry whose runtimes are used
   * @throws RuntimeLoadException if none of the chain can be opened; it names why the first cannot
   */
  public static FallbackRuntime open(FallbackSpec spec, SharedRuntimes registry)
      throws RuntimeLoadException {
    List<FallbackLeg> legs = new ArrayList<>();
    RuntimeLoadException first = null;
    Optional<RuntimeInfo> info = Optional.empty();
    for (RuntimeSpec one : spec.chain()) {
      FallbackLeg leg = new FallbackLeg(one, registry);
      legs.add(leg);
      try {
        leg.open();
        info = info.or(() -> leg.runtime().map(ModelRuntime::info));
      } catch (RuntimeLoadException e) {
        LOG.warn("The chain {} begins without one of its models: {}", spec, e.getMessage());
        first = first == null ? e : first;
      } catch (InterruptedException e) {
        legs.forEach(FallbackLeg::close);
        Thread.currentThread().interrupt();
        throw new RuntimeLoadException("opening the chain " + spec + " was interrupted", e);
      }
    }
    if (info.isEmpty()) {
      legs.forEach(FallbackLeg::close);
      throw new RuntimeLoadException(
          "no model of the chain %s can be opened; the first: %s"
              .formatted(spec, first == null ? "it failed at once" : first.getMessage()),
          first);
    }
    return new FallbackRuntime(spec, legs, info.get());
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    if (closed) {
      throw closedFailure(request);
    }
    GenerationRequest asked = forLegs(request);
    List<ModelRuntime> runtimes =
        runtimes(info -> FallbackGeneration.mayResumeOn(request, info, spec.sameModel()));
    if (runtimes.isEmpty() && request.resumption().isPresent()) {
      asked = notResumable(asked);
      runtimes = runtimes(info -> true);
    }
    if (runtimes.isEmpty()) {
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.OVERLOADED,
          "no model of the chain %s is there at this moment".formatted(spec));
    }
    FallbackGeneration generation =
        new FallbackGeneration(asked, listener, runtimes, active::remove);
    active.add(generation);
    boolean started = false;
    try {
      generation.start();
      started = true;
    } finally {
      if (!started) {
        active.remove(generation);
      }
    }
    if (closed) {
      generation.fail(closedFailure(request));
    }
    return generation;
  }

  /** In order; those that refuse everything at this moment come last. */
  private List<ModelRuntime> runtimes(Predicate<RuntimeInfo> fits) {
    List<ModelRuntime> ready = new ArrayList<>();
    List<ModelRuntime> unavailable = new ArrayList<>();
    for (FallbackLeg leg : legs) {
      Optional<ModelRuntime> runtime = leg.runtime().filter(one -> fits.test(one.info()));
      runtime.ifPresent(one -> (leg.isUnavailable() ? unavailable : ready).add(one));
    }
    ready.addAll(unavailable);
    return ready;
  }

  /** A model of another name than the chain's is refused by whoever gets the request. */
  private GenerationRequest forLegs(GenerationRequest request) {
    boolean isOurs = request.model().isEmpty() || request.model().get().equals(spec.model());
    return isOurs ? request.withoutModel() : request;
  }

  /** Without the text, no runtime can go on: the first one says so to the listener. */
  private static GenerationRequest notResumable(GenerationRequest request) {
    Resumption given = request.resumption().orElseThrow();
    return request.resumed(
        new Resumption(
            given.modelSha256(),
            given.samples().stream()
                .map(sample -> new Resumption.Sample(sample.tokens(), sample.logprobs()))
                .toList()));
  }

  private GenerationException closedFailure(GenerationRequest request) {
    return new GenerationException(
        request.requestId(),
        RuntimeErrorCode.RUNTIME_CLOSED,
        "the chain %s is closed".formatted(spec));
  }

  /** Of the first that could be opened; who answers is told with each answer. */
  @Override
  public RuntimeInfo info() {
    return info;
  }

  /** Of all together, other users' requests included. */
  @Override
  public RuntimeStats stats() {
    RuntimeStats sum = RuntimeStats.NONE;
    for (FallbackLeg leg : legs) {
      sum = sum.plus(leg.runtime().map(ModelRuntime::stats).orElse(RuntimeStats.NONE));
    }
    return sum;
  }

  @Override
  public RuntimeHealth health() {
    if (closed) {
      return RuntimeHealth.failed("the chain was closed");
    }
    if (legs.stream().allMatch(FallbackLeg::isUnavailable)) {
      return RuntimeHealth.unavailable("no model of the chain " + spec + " can serve");
    }
    if (legs.get(0).isUnavailable()) {
      return new RuntimeHealth(
          RuntimeHealth.State.READY,
          spec.model() + " cannot serve; the next of the chain does",
          Optional.empty());
    }
    return RuntimeHealth.READY;
  }

  @Override
  public void close() {
    closed = true;
    for (FallbackGeneration generation : active) {
      generation.fail(
          new GenerationException(
              generation.requestId(),
              RuntimeErrorCode.RUNTIME_CLOSED,
              "the chain %s was closed before the end".formatted(spec)));
    }
    legs.forEach(FallbackLeg::close);
  }
}
