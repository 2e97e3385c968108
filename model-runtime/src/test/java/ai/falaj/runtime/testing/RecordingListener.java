package ai.falaj.runtime.testing;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenLogprob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps what it hears, sample by sample, and checks the order of calls. Any thread. */
public final class RecordingListener implements GenerationListener {

  /** What was told of one sample. */
  private static final class Sample {
    private final List<Integer> tokens = new ArrayList<>();
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    private final StringBuilder answer = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
  }

  private final List<TokenDelta> deltas = new ArrayList<>();
  private final Map<Integer, Sample> samples = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private final CountDownLatch firstTokens = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private Optional<RuntimeInfo> servedBy = Optional.empty();
  private boolean started;
  private GenerationResult result;
  private GenerationException failure;

  @Override
  public synchronized void onServedBy(RuntimeInfo model) {
    check("onServedBy", !started && servedBy.isEmpty());
    servedBy = Optional.of(model);
  }

  @Override
  public synchronized void onStarted() {
    check("onStarted", !started && samples.isEmpty());
    started = true;
  }

  @Override
  public synchronized void onTokens(TokenDelta delta) {
    check("onTokens", started);
    deltas.add(delta);
    Sample sample = samples.computeIfAbsent(delta.sample(), index -> new Sample());
    sample.tokens.addAll(delta.tokens());
    sample.logprobs.addAll(delta.logprobs());
    for (TextSegment segment : delta.text()) {
      (segment.channel() == Channel.ANSWER ? sample.answer : sample.reasoning)
          .append(segment.text());
    }
    firstTokens.countDown();
  }

  @Override
  public synchronized void onFinished(GenerationResult result) {
    check("onFinished", true);
    this.result = result;
    end.countDown();
  }

  @Override
  public synchronized void onFailed(GenerationException failure) {
    check("onFailed", true);
    this.failure = failure;
    end.countDown();
  }

  private void check(String call, boolean allowed) {
    if (!allowed || result != null || failure != null) {
      violations.add(call + " after started=" + started + ", samples=" + samples.size());
    }
  }

  public void awaitFirstTokens() throws InterruptedException {
    if (!firstTokens.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("no token came within 60 s");
    }
  }

  public RecordingListener awaitEnd() throws InterruptedException {
    if (!end.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the request did not end within 60 s");
    }
    return this;
  }

  /** Everything that was told, in order. */
  public synchronized List<TokenDelta> deltas() {
    return List.copyOf(deltas);
  }

  /** Samples of which anything was told. */
  public synchronized Set<Integer> samples() {
    return Set.copyOf(samples.keySet());
  }

  /** Of the first sample. */
  public List<Integer> tokens() {
    return tokens(0);
  }

  public synchronized List<Integer> tokens(int sample) {
    return List.copyOf(sample(sample).tokens);
  }

  public synchronized List<TokenLogprob> logprobs(int sample) {
    return List.copyOf(sample(sample).logprobs);
  }

  /** Of the first sample. */
  public String answer() {
    return answer(0);
  }

  public synchronized String answer(int sample) {
    return sample(sample).answer.toString();
  }

  /** Of the first sample. */
  public String reasoning() {
    return reasoning(0);
  }

  public synchronized String reasoning(int sample) {
    return sample(sample).reasoning.toString();
  }

  private Sample sample(int index) {
    return samples.getOrDefault(index, new Sample());
  }

  /** The model that it was told of. */
  public synchronized Optional<RuntimeInfo> servedBy() {
    return servedBy;
  }

  /** Calls that broke the listener's contract. */
  public synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  public synchronized boolean ended() {
    return result != null || failure != null;
  }

  public synchronized boolean hasResult() {
    return result != null;
  }

  public synchronized GenerationResult result() {
    if (result == null) {
      throw new AssertionError("no result; failure: " + failure);
    }
    return result;
  }

  public synchronized GenerationException failure() {
    if (failure == null) {
      throw new AssertionError("no failure; result: " + result);
    }
    return failure;
  }
}
