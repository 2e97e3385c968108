package ai.falaj.runtime.remote;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.breaker.CircuitBreaker;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.remote.limits.HedgeTrigger;
import ai.falaj.runtime.remote.limits.RateGate;
import ai.falaj.runtime.remote.limits.RateHeaders;
import ai.falaj.runtime.remote.protocol.WireException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests when the server can take them: in order of priority and age, as many at once as
 * {@link AdaptiveLimit} allows, as fast as {@link RateGate} does, and none while {@link
 * CircuitBreaker} is open. Confined to the runtime's thread.
 *
 * <p>When the breaker opens, everything that waits is refused as {@code OVERLOADED}: a caller that
 * has nobody else to ask waits by itself, without using up attempts, and one that has asks them.
 */
final class Dispatcher {

  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** How long a finished response may take to end before its connection is given up. */
  private static final Duration TRAILER_WAIT = Duration.ofSeconds(5);

  private final RemoteSpec spec;
  private final RemoteEndpoint endpoint;
  private final EventLoop loop;
  private final RemoteCounters counters;
  private final AdaptiveLimit limit;
  private final RateGate rates;
  private final CircuitBreaker breaker;
  private final HedgeTrigger hedges;
  private final PriorityQueue<RemoteGeneration> waiting =
      new PriorityQueue<>(
          Comparator.comparingInt(RemoteGeneration::priority)
              .reversed()
              .thenComparingLong(generation -> generation.number));
  private final Set<RemoteGeneration> running = new LinkedHashSet<>();
  private final Set<RemoteStream> streams = new LinkedHashSet<>();
  private Duration pause = FIRST_PAUSE;
  private EventLoop.Timer wakeUp;
  private long wakeUpAtNanos;
  private String lastFailure = "";

  /** Read by other threads; 0 while the breaker is closed. */
  private volatile long refusesUntilNanos;

  private volatile int free;
  private volatile String trouble = "";

  Dispatcher(RemoteSpec spec, RemoteEndpoint endpoint, EventLoop loop, RemoteCounters counters) {
    this.spec = spec;
    this.endpoint = endpoint;
    this.loop = loop;
    this.counters = counters;
    this.limit = new AdaptiveLimit(spec.concurrency());
    this.rates = new RateGate(spec.rateLimits(), System.nanoTime());
    this.breaker = new CircuitBreaker(spec.circuitBreaker());
    this.hedges = new HedgeTrigger(spec.hedging());
    this.free = limit.limit();
  }

  /** How long requests are refused from now on; empty where they are not. Any thread. */
  OptionalLong refusedForNanos() {
    long until = refusesUntilNanos;
    long left = until - System.nanoTime();
    return until != 0 && left > 0 ? OptionalLong.of(left) : OptionalLong.empty();
  }

  /** Requests that could start at once. Any thread, a moment old. */
  int free() {
    return free;
  }

  /** What is wrong with the endpoint; empty while nothing is. Any thread. */
  String trouble() {
    return trouble;
  }

  /** A request wants an answer. */
  void accept(RemoteGeneration generation) {
    if (generation.prepare(spec, endpoint)) {
      waiting.add(generation);
      pump();
    }
    publish();
  }

  /** A waiting request has ended. */
  void withdraw(RemoteGeneration generation) {
    waiting.remove(generation);
  }

  RemoteStream send(RemoteGeneration generation, RequestPlan.Call call) {
    long now = System.nanoTime();
    boolean probe = breaker.pass();
    rates.sent(1, generation.estimatedTokens(), now);
    hedges.sent();
    RemoteStream stream =
        new RemoteStream(
            generation,
            endpoint.name(),
            endpoint.decoder(),
            call.firstSample(),
            call.call().samples(),
            call.call().begun().isPresent(),
            probe,
            generation.estimatedTokens(),
            now);
    streams.add(stream);
    endpoint.send(call.call(), call.body(), loop, stream);
    return stream;
  }

  /** Returns the timer; null where requests are not hedged. */
  EventLoop.Timer maybeScheduleHedge(Runnable whenLate) {
    return spec.hedging().isOn() ? loop.schedule(whenLate, hedges.delayNanos()) : null;
  }

  /** Asks for a second stream of a request that was sent. */
  boolean tryHedge(long estimatedTokens) {
    long now = System.nanoTime();
    return breaker.isClosed()
        && streams.size() < limit.limit()
        && rates.nanosUntil(1, estimatedTokens, now) == 0
        && hedges.tryHedge();
  }

  void onHeaders(HttpHeaders headers) {
    rates.learn(RateHeaders.read(headers::firstValue, Instant.now()), System.nanoTime());
  }

  void firstToken(RemoteStream stream) {
    long now = System.nanoTime();
    long waited = now - stream.sentAtNanos;
    limit.onFirstToken(now, waited, streams.size());
    hedges.onFirstToken(waited);
    answered();
  }

  void succeeded(RemoteStream stream) {
    answered();
    release(stream);
    loop.schedule(stream::close, TRAILER_WAIT.toNanos());
    pump();
  }

  void failed(RemoteStream stream, WireException failure) {
    long now = System.nanoTime();
    switch (failure.code()) {
      case ENGINE_FAILURE, TIMEOUT, UNAUTHORIZED -> {
        lastFailure = failure.getMessage();
        if (failure.code() == RuntimeErrorCode.TIMEOUT) {
          limit.onRejected(now, streams.size());
        }
        if (breaker.failed(stream.probe, now)) {
          onBreakerOpened(now);
        }
      }
      case OVERLOADED -> {
        limit.onRejected(now, streams.size());
        Duration wait = failure.retryAfter().orElse(pause);
        pause = longer(pause);
        rates.pause(wait, now);
        breaker.undecided(stream.probe);
        LOG.info(
            "{} has too many requests of model {}: {} at once from now on, the next in {} ms",
            endpoint.name(),
            spec.model(),
            limit.limit(),
            TimeUnit.NANOSECONDS.toMillis(rates.pausedNanos(now)));
      }
      default -> answered(); // It read the request and refused that one.
    }
    release(stream);
    loop.execute(this::pump); // after the request has been told
  }

  /** We ended the stream ourselves. */
  void closed(RemoteStream stream) {
    breaker.undecided(stream.probe);
    release(stream);
    loop.execute(this::pump);
  }

  /** A request has ended. */
  void left(RemoteGeneration generation) {
    running.remove(generation);
    publish();
  }

  WireException explained(WireException failure, RequestPlan.Call call) {
    return endpoint.explained(failure, call.call());
  }

  boolean maybeTakeNewKey() {
    return endpoint.maybeTakeNewKey();
  }

  /** Ends streams that have been silent for too long; called once in a while. */
  void sweep() {
    long now = System.nanoTime();
    long most = spec.silenceTimeout().toNanos();
    for (RemoteStream stream : List.copyOf(streams)) {
      if (now - stream.lastBytesNanos() > most) {
        stream.onSilence(spec.silenceTimeout());
      }
    }
    pump();
    publish();
  }

  /** Ends everything. */
  void close(RuntimeErrorCode code, String message) {
    List<RemoteGeneration> all = new ArrayList<>(running);
    all.addAll(waiting);
    waiting.clear();
    all.forEach(generation -> generation.fail(code, message));
    publish();
  }

  private void pump() {
    while (!waiting.isEmpty()) {
      RemoteGeneration next = waiting.peek();
      long now = System.nanoTime();
      if (!streams.isEmpty() && streams.size() + next.calls() > limit.limit()) {
        break;
      }
      long wait =
          Math.max(
              breaker.nanosUntilPass(now),
              rates.nanosUntil(next.calls(), next.estimatedTokens(), now));
      if (wait > 0) {
        wakeUpIn(wait, now);
        break;
      }
      waiting.poll();
      running.add(next);
      next.start();
    }
    free = Math.max(0, limit.limit() - streams.size());
  }

  private void wakeUpIn(long nanos, long now) {
    long at = now + nanos;
    if (wakeUp != null && wakeUpAtNanos - at <= 0) {
      return;
    }
    if (wakeUp != null) {
      wakeUp.cancel();
    }
    wakeUpAtNanos = at;
    wakeUp = loop.schedule(this::onWakeUp, nanos);
  }

  private void onWakeUp() {
    wakeUp = null;
    pump();
  }

  private void answered() {
    if (!breaker.isClosed()) {
      LOG.info("{} answers again for model {}", endpoint.name(), spec.model());
    }
    breaker.succeeded();
    refusesUntilNanos = 0;
    trouble = "";
    pause = FIRST_PAUSE;
  }

  private void onBreakerOpened(long now) {
    long wait = breaker.nanosUntilPass(now);
    refusesUntilNanos = now + wait;
    trouble = lastFailure;
    LOG.warn(
        "{} failed too often for model {}, the next try in {} ms; last: {}",
        endpoint.name(),
        spec.model(),
        TimeUnit.NANOSECONDS.toMillis(wait),
        lastFailure);
    List<RemoteGeneration> refused = new ArrayList<>(waiting);
    waiting.clear();
    refused.forEach(generation -> generation.fail(refusal(generation.requestId(), wait)));
  }

  /** What a request hears that comes while the breaker is open. */
  GenerationException refusal(String requestId, long waitNanos) {
    return new GenerationException(
            requestId,
            RuntimeErrorCode.OVERLOADED,
            "%s failed too often and is left alone for a while".formatted(endpoint.name()))
        .withRetryAfter(Duration.ofNanos(waitNanos));
  }

  private void release(RemoteStream stream) {
    if (streams.remove(stream)) {
      long used = stream.usage().promptTokens() + (long) stream.usage().completionTokens();
      rates.ended(stream.estimatedTokens, used);
    }
  }

  private void publish() {
    free = Math.max(0, limit.limit() - streams.size());
    counters.publish(waiting.size(), running.size());
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }
}
